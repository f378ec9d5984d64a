// The paste box grows with what is in it, and “Try these” fills it.
const FEWEST = 2;
const MOST = 10;

function fit(box) {
  box.rows = Math.min(MOST, Math.max(FEWEST, box.value.split("\n", MOST).length));
}

document.addEventListener("input", ({ target }) => {
  if (target.id === "urls") fit(target);
});

document.addEventListener("htmx:load", ({ target }) => {
  const box = target.querySelector("#urls");
  if (box) fit(box);
});

document.addEventListener("click", (event) => {
  const sample = event.target.closest("[data-fill]");
  if (!sample) return;
  const box = document.getElementById(sample.dataset.fill);
  const lines = new Set([...box.value.split("\n"), ...sample.dataset.line.split(/\s+/)].filter((line) => line.trim()));
  box.value = `${[...lines].join("\n")}\n`;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
});
