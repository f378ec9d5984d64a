// `?` shows which keys there are, on every page of a team. A wall of pictures has a map of its own (`keys.js`).
import { fetched } from "./fetched.js";

const sheet = document.getElementById("keys-map");
const hasItsOwn = document.querySelector("[data-wall]");

document.addEventListener("keydown", async (event) => {
  if (event.key !== "?" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || hasItsOwn) return;
  if (event.target.matches("input:not([type=checkbox]):not([type=range]), textarea, select, [contenteditable]")) return;
  if (document.querySelector("dialog[open]")) return;
  event.preventDefault();
  if (!sheet.firstElementChild) sheet.innerHTML = (await fetched(sheet.dataset.url)) ?? "";
  if (sheet.firstElementChild && !sheet.open) sheet.showModal();
});

sheet.addEventListener("click", ({ target }) => {
  if (target === sheet || target.closest("[data-close-keys]")) sheet.close();
});
