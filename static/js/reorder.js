// References are dragged to their place, within a slot and between slots; the server moves them, and their numbers in the prompt.
// The arrows on each do the same by keys; whoever does not see it hears where it went.
import { look } from "./studio.js";

const slots = () => document.getElementById("studio-slots");
const announcer = document.getElementById("announcer");
const FAR_ENOUGH = 6; // pixels after which a press is a drag

let drag = null;
let moved = ""; // the identity of what was moved last

// --- dragging --------------------------------------------------------------------------------------------------------------
document.addEventListener("pointerdown", (event) => {
  const item = event.target.closest("#studio-slots .reference");
  if (!item || event.button !== 0 || event.pointerType === "touch" || event.target.closest("button, a, input")) return;
  drag = { item, x: event.clientX, y: event.clientY, isUnderWay: false, place: null };
});

document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const [right, down] = [event.clientX - drag.x, event.clientY - drag.y];
  if (!drag.isUnderWay) {
    if (Math.hypot(right, down) < FAR_ENOUGH) return;
    drag.isUnderWay = true;
    drag.item.classList.add("reference-dragged");
    document.body.classList.add("dragging");
  }
  event.preventDefault();
  drag.item.style.transform = `translate(${right}px, ${down}px)`;
  show(placeAt(event.clientX, event.clientY));
});

document.addEventListener("pointerup", () => {
  const { item, isUnderWay, place } = drag ?? {};
  stop();
  if (!isUnderWay || !place) return;
  moved = item.dataset.identity;
  look({ do: `place:${item.dataset.index}:${place.slot.dataset.slot}:${place.position}` });
});

document.addEventListener("pointercancel", stop);
document.addEventListener("keydown", ({ key }) => key === "Escape" && stop());
document.addEventListener("htmx:oobBeforeSwap", ({ target }) => target.id === "studio-slots" && stop());
document.addEventListener("dragstart", (event) => event.target.closest?.("#studio-slots") && event.preventDefault());

/* The slot under the pointer and the place in its row; null where nothing can be let down. */
function placeAt(x, y) {
  const slot = document.elementFromPoint(x, y)?.closest("#studio-slots .slot");
  if (!slot || slot.dataset.media !== drag.item.closest(".slot").dataset.media) return null;
  const others = [...slot.querySelectorAll(".reference")].filter((each) => each !== drag.item);
  const after = others.findIndex((each) => {
    const { left, right, top, bottom } = each.getBoundingClientRect();
    return y < top || (y < bottom && x < (left + right) / 2);
  });
  const position = after < 0 ? others.length : after;
  return { slot, position, before: others[position], last: others.at(-1) };
}

function show(place) {
  for (const mark of ["drop-before", "drop-after", "drop-here"]) {
    slots().querySelectorAll(`.${mark}`).forEach((each) => each.classList.remove(mark));
  }
  drag.place = place;
  if (place?.before) place.before.classList.add("drop-before");
  else if (place?.last) place.last.classList.add("drop-after");
  place?.slot.classList.add("drop-here");
}

function stop() {
  if (drag?.isUnderWay) {
    show(null);
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
