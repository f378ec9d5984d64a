// What is dropped or pasted here is wanted here: a file becomes an asset and is attached at once; of a link to a picture, a film or a
// sound the picker asks whether it is to be a direct URL or an asset.
import { box, type } from "./mentions.js";
import { look } from "./studio.js";

const search = document.getElementById("pool-name");
const MEDIA = /^https?:\/\/\S+\.(?:jpe?g|png|webp|gif|bmp|tiff?|hei[cf]|mp4|mov|webm|m4v|mkv|mp3|wav|m4a|aac|flac|og[ga]|opus)(?:[?#]\S*)?$/i;
const LINK = /^https?:\/\/\S+$/i;

document.querySelector("#drop strong")?.replaceChildren("Drop to attach: each file goes to the first slot that fits");

// --- files -----------------------------------------------------------------------------------------------------------------
let earlier = Promise.resolve(); // one after the other, for each takes the form as the one before left it

document.addEventListener("castboard:uploaded", ({ detail }) => {
  earlier = earlier.then(() => look({ do: `add:${detail.asset}` })).catch(() => {});
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
