// The library, or another wall of pictures, by keyboard. `?` shows the map.
import { fetched } from "./fetched.js";
import { onKey as selectKey } from "./select.js";
import { isOpen, onKey as viewerKey, open } from "./viewer.js";

const library = document.querySelector("[data-wall]");
const sheet = document.getElementById("keys-sheet");
const search = library.querySelector("[data-search]");
const tiles = () => [...library.querySelectorAll(".tile")];
const link = (tile) => tile.querySelector("[data-open]");

/* The tile that the arrows start from: where the focus is. */
const here = () => document.activeElement?.closest?.(".tile");

function walk(key) {
  const list = tiles();
  const from = here();
  if (!from) return list[0];
  const at = list.indexOf(from);
  if (key === "ArrowLeft") return list[at - 1];
  if (key === "ArrowRight") return list[at + 1];
  const { left, top } = from.getBoundingClientRect();
  const down = key === "ArrowDown";
  const ahead = down ? list.slice(at + 1) : list.slice(0, at).reverse();
  return ahead.find((tile) => {
    const box = tile.getBoundingClientRect();
    return (down ? box.top > top : box.top < top) && Math.abs(box.left - left) < box.width / 2;
  });
}

async function showMap() {
  if (!sheet.firstChild) sheet.innerHTML = (await fetched(library.dataset.keysUrl)) ?? "";
  if (!sheet.firstChild) return;
  sheet.showModal();
}

const isTyping = ({ target }) => target.matches("input:not([type=checkbox]):not([type=range]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return;
  if (isTyping(event)) {
    if (event.key === "Escape" && event.target === search) search.blur();
    return;
  }
  if (sheet.open) return;
  if (isOpen()) {
    if (viewerKey(event)) event.preventDefault();
    return;
  }
  if (onPage(event)) event.preventDefault();
});

function onPage(event) {
  const tile = here();
  if (selectKey(event, tile)) return true;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === "/") search.select();
  else if (event.key === "?") showMap();
  else if (event.key.startsWith("Arrow") && (tile || !document.activeElement || document.activeElement === document.body || document.activeElement.id === "main")) {
    const next = walk(event.key);
    if (!next) return Boolean(tile);
    link(next).focus();
    next.scrollIntoView({ block: "nearest" });
  } else if (event.key === " " && tile && !event.target.matches("button, input, summary")) open(tile);
  else if (event.key.toLowerCase() === "f" && tile) tile.querySelector("[data-star]").click();
  else if (/^[1-5]$/.test(event.key) && tile) tile.querySelectorAll(".rating button")[event.key - 1]?.click();
  else return false;
  return true;
}

// A click on a picture shows it large; with a key held, or by Enter, it goes to its page.
library.addEventListener("click", (event) => {
  const picture = event.target.closest("[data-open]");
  if (!picture || event.defaultPrevented || event.shiftKey || event.ctrlKey || event.metaKey || event.detail === 0) return;
  event.preventDefault();
  open(picture.closest(".tile"));
});

library.addEventListener("click", ({ target }) => {
  if (target.closest("[data-show-keys]")) showMap();
});

sheet.addEventListener("click", ({ target }) => {
  if (target === sheet || target.closest("[data-close-keys]")) sheet.close();
});
