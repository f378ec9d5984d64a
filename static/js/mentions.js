// What the prompt mentions: “@Anna Smith” is plain text in a real textarea; which asset it means is kept beside it, in a hidden input.
// A layer behind the text draws each mention as a chip. Found by the same rules as on the server (`assets_app/prompting.py`).
const field = document.getElementById("prompt-field");
const layer = document.getElementById("prompt-layer");
const card = document.getElementById("mention-card");
export const box = () => document.getElementById("studio-prompt");
const kept = () => document.querySelector("#studio-mentions [name=mentions]");

const CJK = "\\u3040-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7a3";
const LETTER = `(?![${CJK}])[\\p{L}\\p{N}_]`;
const BEGINNING = `(?<!${LETTER})@`;

let known = {}; // name → identity, of all that was mentioned since the page came

// --- finding ---------------------------------------------------------------------------------------------------------------
function read() {
  try {
    return JSON.parse(kept().value || "{}");
  } catch {
    return {};
  }
}

/* What may be mentioned by name: what the page remembers, and what is attached under its own name. */
function names() {
  const attached = [...document.querySelectorAll("#studio-names [data-mention]")].map(({ dataset }) => [dataset.mention, dataset.identity]);
  return { ...Object.fromEntries(attached), ...known };
}

const escaped = (name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"); // no more: before a hyphen a sign would be an error
const whole = (name) => escaped(name) + (new RegExp(`(?:${LETTER})$`, "u").test(name) ? `(?!${LETTER})` : "");

export function find(text = box().value) {
  const identities = names();
  const longestFirst = Object.keys(identities).filter(Boolean).sort((a, b) => b.length - a.length);
  if (!longestFirst.length || !text.includes("@")) return [];
  const pattern = new RegExp(`${BEGINNING}(${longestFirst.map(whole).join("|")})`, "gu");
  return [...text.matchAll(pattern)].map((hit) => ({
    start: hit.index,
    end: hit.index + hit[0].length,
    name: hit[1],
    identity: identities[hit[1]],
  }));
}

export const referenceOf = (identity) => document.querySelector(`#studio-slots [data-identity="${CSS.escape(identity)}"]`);

/* The prompt as the model receives it, for its length; the server says the words themselves. */
export function rendered() {
  const text = box().value;
  let at = 0;
  let received = "";
  for (const mention of find(text)) {
    received += text.slice(at, mention.start) + (referenceOf(mention.identity)?.dataset.word || mention.name);
    at = mention.end;
  }
  return (received + text.slice(at)).trim();
}

/* Where a name begins that is being typed: the sign before the cursor that no mention covers. Null when there is none. */
export function beginning() {
  const { value, selectionStart, selectionEnd } = box();
  if (selectionStart !== selectionEnd) return null;
  const before = value.slice(0, selectionStart);
  const found = before.match(new RegExp(`${BEGINNING}([^@\\n]{0,60})$`, "u"));
  if (!found || /^\s/.test(found[1])) return null;
  const start = before.length - found[0].length;
  return find(value).some((mention) => mention.start === start) ? null : { start, text: found[1] };
}

// --- remembering -----------------------------------------------------------------------------------------------------------
function write() {
  const used = new Set(find().map(({ name }) => name));
  kept().value = JSON.stringify(Object.fromEntries(Object.entries(known).filter(([name]) => used.has(name))));
}

/* A name and what it means from now on. */
export function remember(name, identity) {
  known[name] = identity;
  write();
}

/* Text to where the cursor is, as if it was typed: undo takes it back. */
export function type(text, from = box().selectionStart, to = box().selectionEnd) {
  box().focus();
  box().setSelectionRange(from, to);
  if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
  box().setRangeText(text, from, to, "end");
  box().dispatchEvent(new Event("input", { bubbles: true }));
}

let given = -1; // the place after a space that came with a mention, as long as nothing was typed after it

export function mention(name, identity, from = box().selectionStart, to = box().selectionEnd) {
  known[name] = identity;
  const before = box().value.slice(0, from);
  const after = box().value.slice(to);
  const space = /^[\s.,;:!?)\]}]/.test(after) ? "" : " ";
  type(`${/\S$/.test(before) && !/[([{“"'‘]$/.test(before) ? " " : ""}@${name}${space}`, from, to);
  given = space ? box().selectionStart : -1;
}

/* People type that space themselves, or a full stop where it stands. */
field.addEventListener("beforeinput", (event) => {
  const at = given;
  given = -1;
  const { value, selectionStart, selectionEnd } = box();
  if (event.inputType !== "insertText" || selectionStart !== at || selectionEnd !== at || value[at - 1] !== " ") return;
  if (event.data === " ") event.preventDefault();
  else if (/^[.,;:!?)\]}]$/.test(event.data)) {
    event.preventDefault();
    type(event.data, at - 1, at);
  }
});

// --- drawing ---------------------------------------------------------------------------------------------------------------
export function draw() {
  const text = box().value;
  const parts = [];
  let at = 0;
  for (const { start, end, identity } of find(text)) {
    const chip = document.createElement("mark");
    chip.textContent = text.slice(start, end);
    chip.className = referenceOf(identity) ? "mention" : "mention mention-off";
    chip.dataset.of = identity;
    parts.push(text.slice(at, start), chip);
    at = end;
  }
  layer.replaceChildren(...parts, `${text.slice(at)}\n`); // a last line that is empty has its height too
  follow();
}

function follow() {
  layer.scrollTop = box().scrollTop;
}

/* The place of a character in the window. */
export function placeOf(offset) {
  const walker = document.createTreeWalker(layer, NodeFilter.SHOW_TEXT);
  let left = offset;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (left <= node.length) {
      const range = document.createRange();
      range.setStart(node, Math.min(left, node.length - 1));
      range.setEnd(node, Math.min(left + 1, node.length));
      return range.getBoundingClientRect();
    }
    left -= node.length;
  }
  return field.getBoundingClientRect();
}

// --- a chip is one thing -----------------------------------------------------------------------------------------------------
function chipAt(position, edge) {
  return find().find(({ start, end }) => (edge === "end" ? start < position && position <= end : start <= position && position < end));
}

/* Whether a key belongs to an input method, which takes Enter for its own choice: Safari tells it by the number alone. */
export const isComposed = (event) => event.isComposing || event.keyCode === 229;

field.addEventListener("keydown", (event) => {
  if (event.target !== box() || isComposed(event)) return;
  const { selectionStart, selectionEnd } = box();
  if (selectionStart !== selectionEnd) return;
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (plain && (event.key === "Backspace" || event.key === "Delete")) {
    const chip = chipAt(selectionStart, event.key === "Backspace" ? "end" : "start");
    if (!chip) return;
    event.preventDefault();
    type("", chip.start, chip.end);
  } else if (event.altKey && event.key === "Enter") {
    const chip = chipAt(selectionStart, "end") ?? chipAt(selectionStart, "start");
    const button = chip && document.querySelector(`#studio-mentions [data-attach="${CSS.escape(chip.identity)}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  }
});

// --- what a chip means, beside it --------------------------------------------------------------------------------------------
function showCard(chip) {
  const source = referenceOf(chip.dataset.of) ?? document.querySelector(`#studio-mentions [data-identity="${CSS.escape(chip.dataset.of)}"]`);
  const picture = source?.querySelector(".thumb");
  if (!picture) return hideCard();
  const words = document.createElement("span");
  const word = source.dataset.word;
  words.textContent = word ? `${chip.textContent.slice(1)} · ${word}` : "Not attached. Alt + Enter attaches it.";
  card.replaceChildren(picture.cloneNode(true), words);
  card.hidden = false;
  beside(card, chip.getBoundingClientRect());
  return undefined;
}

function hideCard() {
  card.hidden = true;
}

/* Below a place in the prompt, inside of its field. */
export function beside(element, place) {
  const frame = field.getBoundingClientRect();
  const most = Math.max(0, frame.width - element.offsetWidth);
  element.style.left = `${Math.min(Math.max(0, place.left - frame.left), most)}px`;
  element.style.top = `${Math.min(place.bottom, frame.bottom) - frame.top + 4}px`;
}

field.addEventListener("pointermove", (event) => {
  if (event.pointerType === "touch") return;
  const chip = document.elementsFromPoint(event.clientX, event.clientY).find((element) => element.matches("mark.mention"));
  if (chip) showCard(chip);
  else hideCard();
});
field.addEventListener("pointerleave", hideCard);

document.addEventListener("selectionchange", () => {
  if (document.activeElement !== box()) return;
  const at = find().findIndex(({ start, end }) => start < box().selectionStart && box().selectionStart < end);
  if (at >= 0 && box().selectionStart === box().selectionEnd) showCard(layer.querySelectorAll("mark.mention")[at]);
  else hideCard();
});

// --- keeping up --------------------------------------------------------------------------------------------------------------
document.addEventListener("input", ({ target }) => {
  if (target !== box()) return;
  write();
  draw();
});
field.addEventListener("scroll", follow, { capture: true, passive: true });

/* What the server settled counts; what was mentioned since it was asked is still there. */
document.addEventListener("htmx:oobAfterSwap", ({ target }) => {
  if (target.id === "studio-mentions") {
    known = { ...known, ...read() };
    write();
  }
  if (["studio-mentions", "studio-prompt", "studio-slots", "studio-names"].includes(target.id)) draw();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("#studio-names [data-mention]");
  if (!button) return;
  event.preventDefault();
  mention(button.dataset.mention, button.dataset.identity);
});

known = read();
draw();
