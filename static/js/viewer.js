// The large view: one asset or film as large as the screen, the others a key away.
import { fetched } from "./fetched.js";

const viewer = document.getElementById("viewer");
const tiles = () => [...document.querySelectorAll("[data-wall] .tile, [data-plays] .take[data-large]")];
let id; // of the tile that is shown large: the tile itself may be exchanged meanwhile
let coming; // what was asked for last: an answer that comes after another was asked for is not shown

const current = () => document.getElementById(id);

export const isOpen = () => viewer.open;

export async function open(tile) {
  id = tile.id;
  const ask = (coming = tile.dataset.large);
  const view = await fetched(ask);
  if (coming !== ask || view === null) return;
  const withInfo = viewer.querySelector(".large-info")?.hidden === false;
  viewer.innerHTML = view;
  htmx.process(viewer);
  if (!viewer.open) viewer.showModal();
  if (withInfo) info();
  const at = tiles().indexOf(current());
  viewer.querySelector(".large-back").disabled = at <= 0;
  viewer.querySelector(".large-on").disabled = at < 0 || at === tiles().length - 1;
  media()?.play().catch(() => {});
}

const media = () => viewer.querySelector("[data-media]");

function step(by) {
  const list = tiles();
  const next = list[list.indexOf(current()) + by];
  if (next) open(next);
}

function info() {
  const panel = viewer.querySelector(".large-info");
  panel.hidden = !panel.hidden;
  viewer.querySelector("[data-info]").setAttribute("aria-pressed", String(!panel.hidden));
}

viewer.addEventListener("click", ({ target }) => {
  if (target.closest("[data-close]") || target === viewer || target.matches(".large-stage")) viewer.close();
  else if (target.closest("[data-info]")) info();
  else if (target.closest("[data-step]")) step(Number(target.closest("[data-step]").dataset.step));
});

viewer.addEventListener("close", () => {
  coming = undefined;
  media()?.pause();
  viewer.replaceChildren();
  current()?.scrollIntoView({ block: "nearest" });
  current()?.querySelector("[data-open]").focus({ preventScroll: true });
});

// A star given here shows on the tile as well, on one that news put in its place meanwhile too.
const star = (place) => place?.querySelector("[data-star]")?.closest(".film-star, [data-star]");

function showStar() {
  const [fresh, old] = [star(viewer), star(current())];
  if (!fresh || !old) return;
  const copy = fresh.cloneNode(true);
  old.replaceWith(copy);
  htmx.process(copy);
}

viewer.addEventListener("htmx:afterSettle", showStar); // before it settles, a swapped button still looks as the old one did
document.addEventListener("castboard:placed", showStar);

export function onKey(event) {
  const doing = {
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    " ": () => {
      const playing = media();
      if (!playing) viewer.close();
      else if (playing.paused) playing.play();
      else playing.pause();
    },
    f: () => viewer.querySelector("[data-star]")?.click(),
    d: () => viewer.querySelector("[data-download]")?.click(),
    i: info,
    ...Object.fromEntries([1, 2, 3, 4, 5].map((stars) => [stars, () => viewer.querySelectorAll(".rating button")[stars - 1]?.click()])),
  }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!doing || event.ctrlKey || event.metaKey || event.altKey) return false;
  doing();
  return true;
}
