// What is picked follows the person from page to page and tab to tab. The browser remembers which; the server says what they are,
// and leaves out what cannot be used any more.
import { ownKey } from "./person.js";

const tray = document.getElementById("tray"); // null where what is picked is in use already
const key = ownKey("tray");

export function picked() {
  try {
    const ids = JSON.parse(localStorage.getItem(key));
    return Array.isArray(ids) ? ids : [];
  } catch {
    return [];
  }
}

function pick(ids) {
  localStorage.setItem(key, JSON.stringify(ids));
  show();
}

function mark() {
  const ids = new Set(picked());
  for (const box of document.querySelectorAll("[data-pick]")) box.checked = ids.has(box.dataset.pick);
  for (const sign of document.querySelectorAll("[data-picked]")) sign.hidden = !ids.has(sign.dataset.picked);
}

/* The way to the studio among the places takes along what is picked, as the tray's own button does. */
function lead() {
  const { studio } = tray.dataset;
  const query = new URLSearchParams([...tray.querySelectorAll("[data-asset]")].map((item) => ["asset", item.dataset.asset]));
  document.querySelector(`.places a[href^="${studio}"]`)?.setAttribute("href", query.size ? `${studio}?${query}` : studio);
}

function show() {
  mark();
  if (!tray) return;
  const ids = picked();
  if (!ids.length) {
    tray.hidden = true;
    tray.replaceChildren();
    lead();
    return;
  }
  const query = new URLSearchParams(ids.map((id) => ["asset", id]));
  htmx.ajax("GET", `${tray.dataset.url}?${query}`, { source: tray, target: tray, swap: "innerHTML" });
}

// The server's word counts on what it was asked about: more may have been picked since.
tray?.addEventListener("htmx:afterSettle", ({ detail }) => {
  const asked = new URL(detail.xhr.responseURL).searchParams.getAll("asset");
  const usable = new Set([...tray.querySelectorAll("[data-asset]")].map((item) => item.dataset.asset));
  tray.hidden = !usable.size;
  lead();
  if (asked.every((id) => usable.has(id))) return;
  localStorage.setItem(key, JSON.stringify(picked().filter((id) => usable.has(id) || !asked.includes(id))));
  mark();
});

document.addEventListener("change", ({ target }) => {
  const id = target.dataset?.pick;
  if (!id) return;
  const others = picked().filter((other) => other !== id);
  pick(target.checked ? [...others, id] : others);
});

document.addEventListener("click", ({ target }) => {
  const dropped = target.closest("[data-drop]")?.dataset.drop;
  if (dropped) pick(picked().filter((id) => id !== dropped));
  if (target.closest("[data-drop-all]")) pick([]);
  const also = target.closest("[data-pick-also]");
  if (also) {
    pick([...new Set([...picked(), ...also.dataset.pickAlso.trim().split(" ")])]);
    also.closest(".toast")?.remove();
  }
});

// Other code picks several at once with { ids }.
document.addEventListener("castboard:pick", ({ detail }) => pick([...new Set([...picked(), ...detail.ids])]));

// What a generation was sent with has had its use.
document.addEventListener("castboard:used", ({ detail }) => pick(picked().filter((id) => !detail.ids.includes(id))));

document.addEventListener("castboard:placed", ({ detail }) => {
  const ids = picked();
  if (detail.elements.some((element) => ids.includes(element.dataset.asset))) show();
  else mark();
});

document.addEventListener("htmx:load", ({ target }) => {
  if (target.querySelector("[data-pick], [data-picked]") || target.matches("[data-asset]")) mark();
});

window.addEventListener("storage", (event) => {
  if (event.key === key) show();
});

// Going back shows the page as it was: the picks may not be.
window.addEventListener("pageshow", show);
