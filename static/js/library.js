// How the library, or another wall of pictures, is shown, which the browser remembers; and the place in it, which the address remembers, so that going back
// finds it again.
const library = document.querySelector("[data-wall]");
const remembered = (name, otherwise) => localStorage.getItem(`castboard:${library.dataset.wall}-${name}`) ?? otherwise;
const remember = (name, value) => localStorage.setItem(`castboard:${library.dataset.wall}-${name}`, value);
const slider = library.querySelector("[data-size]");

function look() {
  const layout = remembered("layout", "grid");
  library.dataset.shown = layout;
  library.dataset.scale = slider.value = remembered("size", "3");
  for (const button of library.querySelectorAll("[data-layout]")) {
    button.setAttribute("aria-pressed", String(button.dataset.layout === layout));
  }
}

library.addEventListener("click", ({ target }) => {
  const layout = target.closest("[data-layout]")?.dataset.layout;
  if (!layout) return;
  remember("layout", layout);
  look();
});

slider.addEventListener("input", () => {
  remember("size", slider.value);
  look();
});

look();

// --- more, as the end comes near ---
const MOST_AT_ONCE = 600;
const near = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => htmx.trigger(target, "castboard:near")),
  { rootMargin: "600px" },
);

function watch() {
  near.disconnect();
  const more = library.querySelector("[data-load-more]");
  if (more) near.observe(more);
}

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (!library.contains(detail.elt) && detail.elt.id !== "load-more") return;
  watch();
  const tiles = library.querySelectorAll(".tile").length;
  const address = new URL(location);
  if (detail.requestConfig?.elt?.matches("[data-load-more]") && !address.searchParams.has("after") && tiles <= MOST_AT_ONCE) {
    address.searchParams.set("shown", tiles);
    history.replaceState(history.state, "", address);
  }
});

// --- "60 of 312": the server counts what it sent; what came and went since is counted here ---
let counter;
let elsewhere = 0; // seen, and not among the tiles: on the pages before this one

function count() {
  const seen = library.querySelector("[data-seen-count]");
  if (!seen) return;
  const tiles = library.querySelectorAll(".tile").length;
  if (seen !== counter) elsewhere = Number(seen.textContent.replaceAll(",", "")) - tiles;
  counter = seen;
  const words = (elsewhere + tiles).toLocaleString("en");
  if (seen.textContent !== words) seen.textContent = words;
}

new MutationObserver(count).observe(library, { childList: true, subtree: true });
count();

// --- a menu with something to fill in begins there ---
document.addEventListener("toggle", ({ target }) => {
  if (target.open && target.matches?.("details.menu")) target.querySelector(".menu-form input:not([type=hidden])")?.focus();
}, { capture: true });

// --- one open menu at a time, closed by a click elsewhere and by Esc ---
const openMenus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", ({ target }) => {
  openMenus().forEach((menu) => menu.contains(target) || (menu.open = false));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopImmediatePropagation();
  }
});

watch();
