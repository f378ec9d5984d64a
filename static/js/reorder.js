// References are dragged to their place, within a slot and between slots, and assets from the picker into one slot; the server puts
// them there, or says why not. A finger holds on for a moment first, for else it scrolls. The arrows on each reference do the same
// by keys; whoever does not see it hears where it went.
import { look } from "./studio.js";

const DRAGGED = "#studio-slots .reference, #studio-pool .pool-item";
const MARKS = ["drop-before", "drop-after", "drop-here", "drop-not"];
const FAR_ENOUGH = 6; // pixels after which a press is a drag
const HELD = 350; // milliseconds after which a finger that keeps still drags
const WAVERING = 10; // pixels that a finger which keeps still may move
const EDGE = 56; // pixels from the top or the bottom of the window, where the page moves along
const STEP = 12; // pixels a frame

const slots = () => document.getElementById("studio-slots");
const announcer = document.getElementById("announcer");

let drag = null;
let moved = ""; // the identity of what was moved last

// --- dragging --------------------------------------------------------------------------------------------------------------
document.addEventListener("pointerdown", (event) => {
  const item = event.target.closest(DRAGGED);
  if (!item || event.button !== 0 || !event.isPrimary) return;
  const isPick = item.matches(".pool-item");
  if (!isPick && event.target.closest("button, a, input")) return;
  stop();
  const { clientX: x, clientY: y } = event;
  drag = { item, isPick, x, y, start: y, from: [x, y + scrollY], isTouch: event.pointerType === "touch", isUnderWay: false, place: null };
  if (drag.isTouch) drag.timer = setTimeout(begin, HELD);
});

document.addEventListener("pointermove", (event) => {
  if (!drag || !event.isPrimary) return;
  [drag.x, drag.y] = [event.clientX, event.clientY];
  if (!drag.isUnderWay) {
    const far = Math.hypot(drag.x - drag.from[0], drag.y + scrollY - drag.from[1]);
    if (drag.isTouch && far > WAVERING) stop(); // it scrolls
    if (!drag || drag.isTouch || far < FAR_ENOUGH) return;
    begin();
  }
  event.preventDefault();
  follow();
});

function begin() {
  drag.isUnderWay = true;
  if (drag.isTouch) navigator.vibrate?.(10);
  if (drag.isPick) {
    const picture = drag.item.querySelector(".thumb");
    drag.ghost = picture.cloneNode(true);
    drag.ghost.classList.add("drag-ghost");
    document.body.append(drag.ghost);
  } else drag.item.classList.add("reference-dragged");
  document.body.classList.add("dragging");
  drag.frame = requestAnimationFrame(moveAlong);
  follow();
}

function follow() {
  const { item, ghost, x, y, from } = drag;
  if (ghost) ghost.style.transform = `translate(${x}px, ${y}px)`;
  else item.style.transform = `translate(${x - from[0]}px, ${y + scrollY - from[1]}px)`;
  show(placeAt(x, y));
}

/* The page comes along for what is taken to its edge. */
function moveAlong() {
  const { y, start } = drag;
  const step = y < Math.min(EDGE, start) ? -STEP : y > Math.max(innerHeight - EDGE, start) ? STEP : 0;
  const before = scrollY;
  if (step) scrollBy(0, step);
  if (scrollY !== before) follow();
  drag.frame = requestAnimationFrame(moveAlong);
}

document.addEventListener("pointerup", () => {
  const { item, isPick, isUnderWay, place } = drag ?? {};
  stop();
  if (!isUnderWay || !place) return;
  moved = item.dataset.identity ?? item.dataset.asset;
  const { slot } = place.slot.dataset;
  look({ do: isPick ? `put:${slot}:${moved}` : `place:${item.dataset.index}:${slot}:${place.position}` });
});

document.addEventListener("pointercancel", stop);
document.addEventListener("keydown", ({ key }) => key === "Escape" && stop());
document.addEventListener("htmx:oobBeforeSwap", ({ target }) => target.id === "studio-slots" && !drag?.isPick && stop());
document.addEventListener("dragstart", (event) => event.target.closest?.("#studio-slots, #studio-pool") && event.preventDefault());

// A finger that drags must not scroll, nor open a menu, nor press what it held.
for (const id of ["composer", "pool-panel"]) {
  const place = document.getElementById(id);
  place.addEventListener("touchmove", (event) => drag?.isUnderWay && event.cancelable && event.preventDefault(), { passive: false });
  place.addEventListener("touchend", (event) => drag?.isUnderWay && event.cancelable && event.preventDefault(), { passive: false });
  place.addEventListener("contextmenu", (event) => drag?.isTouch && event.preventDefault());
}

/* The slot under the pointer and the place in its row; null where there is none. */
function placeAt(x, y) {
  const slot = document.elementFromPoint(x, y)?.closest("#studio-slots .slot");
  if (!slot) return null;
  const fits = slot.dataset.media === (drag.item.dataset.media ?? drag.item.closest(".slot").dataset.media);
  const others = [...slot.querySelectorAll(".reference")].filter((each) => each !== drag.item);
  const after = others.findIndex((each) => {
    const { left, right, top, bottom } = each.getBoundingClientRect();
    return y < top || (y < bottom && x < (left + right) / 2);
  });
  const position = after < 0 || drag.isPick ? others.length : after;
  return { slot, fits, position, before: fits && others[position], last: fits && others.at(-1) };
}

function show(place) {
  for (const mark of MARKS) slots().querySelectorAll(`.${mark}`).forEach((each) => each.classList.remove(mark));
  drag.place = place;
  if (place?.before) place.before.classList.add("drop-before");
  else if (place?.last) place.last.classList.add("drop-after");
  place?.slot.classList.add(place.fits ? "drop-here" : "drop-not");
}

function stop() {
  if (drag) clearTimeout(drag.timer);
  if (drag?.isUnderWay) {
    show(null);
    cancelAnimationFrame(drag.frame);
    drag.ghost?.remove();
    drag.item.classList.remove("reference-dragged");
    drag.item.style.transform = "";
    document.body.classList.remove("dragging");
  }
  drag = null;
}

// --- saying where it went --------------------------------------------------------------------------------------------------
document.addEventListener("click", ({ target }) => {
  const button = target.closest("#studio-slots .tool[name=do]");
  if (button && /^(up|down|move):/.test(button.value)) moved = button.closest(".reference").dataset.identity;
});

document.addEventListener("htmx:oobAfterSwap", ({ target }) => {
  if (target.id !== "studio-slots" || !moved) return;
  const item = target.querySelector(`[data-identity="${CSS.escape(moved)}"]`);
  moved = "";
  if (!item) return;
  const row = [...item.parentElement.children];
  const slot = item.closest(".slot").querySelector("h3").textContent;
  announcer.textContent = `${item.dataset.name}: ${slot}, ${row.indexOf(item) + 1} of ${row.length}.`;
});
