// A take of the strip plays large over the studio, and all that is composed stays; with a key held, or by Enter, its link goes to its page.
import { isOpen, onKey, open } from "./viewer.js";

document.getElementById("takes").addEventListener("click", (event) => {
  const link = event.target.closest("[data-open]");
  if (!link || event.defaultPrevented || event.shiftKey || event.ctrlKey || event.metaKey || event.detail === 0) return;
  event.preventDefault();
  open(link.closest(".take"));
});

document.addEventListener("keydown", (event) => {
  if (!event.defaultPrevented && isOpen() && onKey(event)) event.preventDefault();
});
