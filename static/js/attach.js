// What is dropped or pasted here is wanted here: a file becomes an asset and is attached at once; of a link to a picture, a film or a
// sound the picker asks whether it is to be a direct URL or an asset. What is dropped on one slot goes there, or it is said why not.
import { box, type } from "./mentions.js";
import { look } from "./studio.js";

const search = document.getElementById("pool-name");
const MEDIA = /^https?:\/\/\S+\.(?:jpe?g|png|webp|gif|bmp|tiff?|hei[cf]|mp4|mov|webm|m4v|mkv|mp3|wav|m4a|aac|flac|og[ga]|opus)(?:[?#]\S*)?$/i;
const LINK = /^https?:\/\/\S+$/i;

document.querySelector("#drop strong")?.replaceChildren("Drop on a slot, or anywhere: then each file goes to the first slot that fits");

// --- files -----------------------------------------------------------------------------------------------------------------
let earlier = Promise.resolve(); // one after the other, for each takes the form as the one before left it

document.addEventListener("castboard:uploaded", ({ detail }) => {
  const action = detail.slot ? `put:${detail.slot}:${detail.asset}` : `add:${detail.asset}`;
  earlier = earlier.then(() => look({ do: action })).catch(() => {});
});

// --- what hangs over a slot ------------------------------------------------------------------------------------------------
const slotUnder = ({ target }) => target.closest?.("#studio-slots .slot");
const isLink = ({ types }) => types.includes("text/uri-list") && !types.includes("Files");
const isField = (target) => target.closest?.("input, textarea, [contenteditable]");

function mark(slot) {
  for (const each of document.querySelectorAll(".drop-into")) if (each !== slot) each.classList.remove("drop-into");
  slot?.classList.add("drop-into");
}

document.addEventListener("dragover", (event) => {
  const { dataTransfer } = event;
  if (!dataTransfer || isField(event.target) || !(isLink(dataTransfer) || dataTransfer.types.includes("Files"))) return;
  event.preventDefault();
  mark(slotUnder(event));
});
document.addEventListener("dragleave", ({ relatedTarget }) => !relatedTarget && mark(null));
document.addEventListener("drop", (event) => {
  mark(null);
  if (!event.dataTransfer || !isLink(event.dataTransfer) || isField(event.target)) return;
  event.preventDefault();
  const address = event.dataTransfer.getData("text/uri-list").split(/\r?\n/).find((line) => line && !line.startsWith("#")) ?? "";
  const slot = slotUnder(event);
  if (slot) look({ do: `put-url:${slot.dataset.slot}:${address}` });
  else if (LINK.test(address)) ask(address);
});

// --- links -----------------------------------------------------------------------------------------------------------------
let cameFromPrompt = false;

document.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text/plain").trim();
  const { target } = event;
  const isPrompt = target === box();
  if (!isPrompt && target.closest?.("input, textarea, select, [contenteditable]")) return;
  if (!(isPrompt ? MEDIA : LINK).test(text)) return;
  event.preventDefault();
  cameFromPrompt = isPrompt;
  ask(text);
});

function ask(address) {
  search.value = address;
  search.dispatchEvent(new Event("search", { bubbles: true }));
}

document.addEventListener("htmx:oobAfterSwap", ({ target }) => {
  if (target.id !== "studio-pool") return;
  const offer = target.querySelector(".link-offer");
  if (!offer) {
    if (LINK.test(search.value.trim())) search.value = ""; // it was settled
    cameFromPrompt = false;
    return;
  }
  offer.querySelector("[data-into-prompt]").hidden = !cameFromPrompt;
  if (cameFromPrompt || document.activeElement === document.body) offer.querySelector("button").focus({ preventScroll: true });
  offer.scrollIntoView({ block: "nearest" });
});

document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-into-prompt]")) return;
  const address = search.value;
  search.value = "";
  type(address);
  search.dispatchEvent(new Event("search", { bubbles: true }));
});
