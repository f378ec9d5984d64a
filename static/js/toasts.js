// Short notes at the edge. Any code says `castboard:toast` with { text, tone }; the server does so with HX-Trigger.
const shelf = document.getElementById("toasts");
const pattern = document.getElementById("toast-template");
const SECONDS = 6;

function letGo(toast) {
  let timer;
  const start = () => { timer = setTimeout(() => toast.remove(), SECONDS * 1000); };
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", start);
  start();
}

/* What a toast offers: { label, press }. */
function withButton(toast, { label, press }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-small";
  button.textContent = label;
  button.addEventListener("click", () => {
    toast.remove();
    press();
  });
  return button;
}

document.addEventListener("castboard:toast", ({ detail }) => {
  if (shelf.lastElementChild?.querySelector("[data-words]")?.textContent === detail.text) return;
  const toast = pattern.content.firstElementChild.cloneNode(true);
  toast.querySelector("[data-words]").textContent = detail.text;
  if (detail.button) toast.querySelector("[data-words]").after(withButton(toast, detail.button));
  shelf.append(toast);
  if (detail.tone === "error") toast.classList.add("toast-error");
  else letGo(toast);
});

// A toast that the live poll brought.
document.addEventListener("castboard:placed", ({ detail }) => {
  detail.elements.filter((element) => element.matches(".toast")).forEach(letGo);
});

document.addEventListener("click", (event) => {
  event.target.closest("[data-toast-close]")?.closest(".toast").remove();
});

shelf.querySelectorAll(".toast:not(.toast-error)").forEach(letGo);
