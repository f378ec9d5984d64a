// The paste box grows with what is in it, “Try these” fills it, and it is where one goes on after Register.
const FEWEST = 2;
const MOST = 10;
const SECONDS_TO_READ = 10;

function fit(box) {
  box.rows = Math.min(MOST, Math.max(FEWEST, box.value.split("\n", MOST).length));
}

document.addEventListener("input", ({ target }) => {
  if (target.id === "urls") fit(target);
});

document.addEventListener("htmx:load", ({ target }) => {
  const box = target.querySelector("#urls");
  if (!box) return;
  fit(box);
  if (target.id === "paste") cameBack(target, box);
});

/* The form after Register: its pressed button is gone, and a keyboard must not start over. A thumb wants no keyboard. */
function cameBack(form, box) {
  const isLost = document.activeElement === document.body;
  if (isLost && !matchMedia("(pointer: coarse)").matches) box.focus({ preventScroll: true });
  const praise = form.querySelector("[data-fades]");
  setTimeout(() => praise?.remove(), SECONDS_TO_READ * 1000);
}

document.addEventListener("click", (event) => {
  const sample = event.target.closest("[data-fill]");
  if (!sample) return;
  const box = document.getElementById(sample.dataset.fill);
  const lines = new Set([...box.value.split("\n"), ...sample.dataset.line.split(/\s+/)].filter((line) => line.trim()));
  box.value = `${[...lines].join("\n")}\n`;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
});
