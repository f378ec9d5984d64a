// The Generate page: what a form cannot do by itself. Prices, checks and slots come from the server (`views/studio.py`).
import { rendered } from "./mentions.js";
import { inItsTurn } from "./studio-turns.js";

const form = document.getElementById("studio");
const prompt = () => document.getElementById("studio-prompt");

/* Cmd or Ctrl + Enter is a press of the button, wherever the cursor is; Enter alone never spends. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey) || event.repeat) return;
  event.preventDefault();
  if (document.querySelector("dialog[open]")) return; // what would be sent is out of sight
  document.getElementById("studio-generate")?.click(); // not there while a question waits for its answer
});

/* Enter beside an address adds that address. */
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.metaKey || event.ctrlKey || !event.target.matches("input")) return;
  event.preventDefault();
  event.target.closest(".adder")?.querySelector("button").click();
});

/* Code points of what the model receives, without the blanks around them, as the server counts them. */
function count() {
  const output = document.getElementById("prompt-count");
  const most = Number(document.getElementById("studio-names").dataset.promptMax);
  const used = [...rendered()].length;
  output.textContent = most ? `${used.toLocaleString("en")} / ${most.toLocaleString("en")}` : used.toLocaleString("en");
  output.classList.toggle("bad", most > 0 && used > most);
}

/* A prompt that was just drawn: who goes on with it goes on at its end. */
function begin() {
  const box = prompt();
  if (document.activeElement !== box) box.setSelectionRange(box.value.length, box.value.length);
  count();
}

/* A slider beside its number: two hands on one value. Only the number is sent. */
function showSliders(root = document) {
  for (const slider of root.querySelectorAll("[data-slides]")) slider.hidden = false;
}

document.addEventListener("input", ({ target }) => {
  if (target === prompt()) return count();
  const number = target.dataset?.slides && document.getElementById(target.dataset.slides);
  if (number) {
    number.value = target.value;
    return undefined;
  }
  const slider = target.id && document.querySelector(`[data-slides="${CSS.escape(target.id)}"]`);
  if (slider) slider.value = target.value;
  return undefined;
});

document.addEventListener("htmx:oobAfterSwap", ({ target }) => {
  if (target.id === "studio-controls") showSliders();
  if (target.id === "studio-prompt") begin();
  else if (target.id === "studio-names") count();
  if (target.id === "studio-slots" && target.querySelector(".slot-aimed")) showPool();
});

/* A slot waits for its pick: on to what there is to pick from. */
function showPool() {
  const pool = document.getElementById("pool-panel");
  (pool.querySelector(".pool-item") ?? document.getElementById("pool-name")).focus({ preventScroll: true });
  pool.scrollIntoView({ block: "nearest" });
}

/* Assets became Active, or failed: what the form comes to may have changed, if they are in it; if not, there are others to pick
   from, which is not pressing. So it may have when films were started or credits spent, or the connection broke: then only price
   and problems are asked for, and nobody is disturbed who is setting something. */
const OTHERS_EVERY = 15_000; // milliseconds
const billedBy = () => document.getElementById("meters").dataset.bill;
let billed = billedBy();
let othersAsked;

document.addEventListener("castboard:placed", ({ detail }) => {
  const assets = detail.elements.find(({ id }) => id === "assets-changed")?.dataset;
  const isMine = assets?.ids.split(" ").some((id) => form.querySelector(`:is(.reference, .mention-loose)[data-identity="${id}"]`));
  if (isMine) look();
  else if (billedBy() !== billed) recheck();
  billed = billedBy();
  if (assets && "settled" in assets) othersAsked ??= setTimeout(askForOthers, OTHERS_EVERY);
});

const recheck = () => htmx.trigger("#studio-check", "studio:recheck");

function askForOthers() {
  othersAsked = undefined;
  document.getElementById("pool-name").dispatchEvent(new Event("search", { bubbles: true }));
  if (prompt().value.includes("@")) recheck(); // a name may be one by now
}

export function look({ do: action = "look" } = {}) {
  const said = inItsTurn(action);
  const values = {
    get do() {
      return said();
    },
  };
  return htmx.ajax("POST", form.dataset.check, { source: "#studio-look", values, swap: "none" });
}

/* Sent, with the takes out of view, as on a phone: without a word it would be pressed once more, and paid twice. */
document.addEventListener("castboard:used", ({ detail: { words } }) => {
  const takes = document.getElementById("takes-title").closest("section");
  const { top, bottom } = takes.getBoundingClientRect();
  if ((top + bottom) / 2 > 0) return;
  const button = { label: "Show the takes", press: () => takes.scrollIntoView({ block: "center" }) };
  document.dispatchEvent(new CustomEvent("castboard:toast", { detail: { text: words, button } }));
});

/* Pressed although it is off: go to the first thing that is in the way. */
document.addEventListener("studio:refused", () => {
  const spot = document.querySelector(".spot-refuse");
  const field = spot?.closest(".field, .prompt-box, .slot, .reference")?.querySelector("input:not([type=hidden]), select, textarea, button");
  (field ?? document.getElementById("studio-generate")).focus({ preventScroll: true });
  (spot ?? field)?.scrollIntoView({ block: "nearest" });
});

showSliders();
begin();
// A phone would cover half of the page with its keyboard.
if (document.activeElement === document.body && matchMedia("(pointer: fine)").matches) prompt().focus({ preventScroll: true });
