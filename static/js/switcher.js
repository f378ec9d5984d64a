// The switcher closes like any menu: on Escape, and on a click elsewhere.
const switcher = document.querySelector("[data-switcher]");

document.addEventListener("click", (event) => {
  if (!switcher.contains(event.target)) switcher.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !switcher.open) return;
  switcher.open = false;
  switcher.querySelector("summary").focus();
});
