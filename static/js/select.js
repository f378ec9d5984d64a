// Selecting assets or films, and doing something to all of them. The boxes and the bar are one plain form that works by itself; here it
// answers without leaving the page, says what came of it, and can take it back.
import { fetched } from "./fetched.js";

const library = document.querySelector("[data-wall]");
const form = () => document.getElementById("selection");
const boxes = () => [...library.querySelectorAll("[data-select]")];
const chosen = () => boxes().filter((box) => box.checked);
const say = (text, more) => document.dispatchEvent(new CustomEvent("castboard:toast", { detail: { text, ...more } }));

let last; // the box that a range begins at
let all = false; // everything that the library's query finds, loaded or not

// --- what is selected ---
function show() {
  const bar = document.getElementById("bar");
  if (!bar) return;
  const picked = chosen();
  if (!picked.length) all = false;
  const loaded = boxes();
  const everything = picked.length === loaded.length && picked.length > 0;
  const goesOn = Boolean(library.querySelector("[data-load-more]"));
  bar.querySelector("[data-selected-count]").textContent = all ? `All ${bar.querySelector("#bar-total").textContent}`.trim() : picked.length.toLocaleString("en");
  bar.querySelector("[data-select-all]").hidden = all || !everything || !goesOn;
  bar.querySelector("[data-all]").value = all ? "1" : "";
  const use = bar.querySelector("[data-use]");
  if (use) use.hidden = all || !picked.some((box) => "usable" in box.closest(".tile").dataset);
  library.dispatchEvent(new CustomEvent("castboard:selected", { detail: { boxes: picked, all } }));
}

function set(box, value) {
  box.checked = value;
  all = false;
}

function none() {
  chosen().forEach((box) => set(box, false));
  show();
}

function everyLoaded() {
  boxes().forEach((box) => set(box, true));
  show();
}

function upTo(box) {
  const list = boxes();
  const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((one, other) => one - other);
  if (from < 0) set(box, true);
  else list.slice(from, to + 1).forEach((each) => set(each, true));
}

library.addEventListener("click", (event) => {
  const tile = event.target.closest(".tile");
  const box = tile?.querySelector("[data-select]");
  if (!box || event.target.closest("button, .menu")) return;
  const onBox = event.target === box;
  if (event.shiftKey) {
    event.preventDefault();
    event.stopImmediatePropagation();
    upTo(box);
    // A checkbox goes back to what it was after a click that is prevented.
    setTimeout(() => { set(box, true); show(); });
  } else if ((event.ctrlKey || event.metaKey) && !onBox) {
    event.preventDefault();
    event.stopImmediatePropagation();
    set(box, !box.checked);
  } else if (!onBox) return;
  last = box;
  show();
}, { capture: true });

library.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-select]")) return;
  all = false;
  show();
});

library.addEventListener("click", async ({ target }) => {
  if (target.closest("[data-select-none]")) none();
  if (target.closest("[data-select-all]")) { all = true; show(); }
  if (target.closest("[data-use]")) use();
  if (target.closest("[data-copy-lines]")) await copyLines();
});

// --- doing ---
library.addEventListener("submit", async (event) => {
  if (event.target !== form() || "leaves" in (event.submitter?.dataset ?? {})) return;
  event.preventDefault();
  const address = event.submitter.formAction;
  const body = new FormData(form());
  const field = boxes()[0].name;
  if (all) body.delete(field);
  bar.setAttribute("aria-busy", "true");
  const answer = await send(address, body, field);
  bar.removeAttribute("aria-busy");
  if (!answer) return;
  if (answer.removed) for (const id of answer.done) library.querySelector(`[data-select][value="${id}"]`)?.closest(".tile").remove();
  const wasAll = all;
  form()?.querySelectorAll("details.menu[open]").forEach((menu) => (menu.open = false));
  none();
  if (wasAll || /\/(un)?star\/$/.test(address)) refresh();
});

async function send(address, body, field) {
  let reply;
  try {
    reply = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!reply.headers.get("Content-Type")?.startsWith("application/json")) throw new Error(reply.status);
  } catch {
    say("That did not get through. Nothing was changed; try again.", { tone: "error" });
    return undefined;
  }
  const answer = await reply.json();
  const undo = answer.undo && { label: "Undo", press: () => takeBack(answer.undo, answer.done, body, field) };
  say(answer.said, reply.ok ? { button: undo } : { tone: "error" });
  if (!reply.ok) return undefined;
  document.dispatchEvent(new CustomEvent("castboard:changed"));
  return answer;
}

async function takeBack(address, ids, before, field) {
  const body = new FormData();
  for (const name of ["csrfmiddlewaretoken", "shown_to", "names", "name"]) if (before.has(name)) body.set(name, before.get(name));
  ids.forEach((id) => body.append(field, id));
  if (await send(address, body, field)) refresh();
}

function refresh() {
  htmx.ajax("GET", location.href, { source: "#results", target: "#results", select: "#results", swap: "outerHTML" });
}

function use() {
  const tiles = chosen().map((box) => box.closest(".tile")).filter((tile) => "usable" in tile.dataset);
  document.dispatchEvent(new CustomEvent("castboard:pick", { detail: { ids: tiles.map((tile) => tile.dataset.asset) } }));
  none();
}

async function copyLines() {
  let text = chosen().map((box) => box.closest(".tile").dataset.reference).filter(Boolean).join("\n");
  if (all) text = await fetched(`${library.dataset.linesUrl}?${form().dataset.query}`);
  if (text === null) return say("That did not get through. Nothing was copied; try again.", { tone: "error" });
  if (!text) return say("None of them has been given an id by the provider yet.");
  try {
    await navigator.clipboard.writeText(text);
    const count = text.split("\n").length;
    say(`Copied ${count.toLocaleString("en")} ${count === 1 ? "line" : "lines"}.`);
  } catch {
    say("The browser does not allow copying.", { tone: "error" });
  }
}

// A text field's own Enter presses the button beside it, not the form's first one.
library.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches(".bar input.input")) return;
  event.preventDefault();
  event.target.closest(".menu-panel").querySelector("button[type=submit]").click();
});

// --- keys, called by keys.js ---
export function onKey(event, tile) {
  const box = tile?.querySelector("[data-select]");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a") everyLoaded();
  else if (event.key === "Escape" && chosen().length) none();
  else if (event.key.toLowerCase() === "x" && box) {
    if (event.shiftKey) upTo(box);
    else set(box, !box.checked);
    last = box;
    show();
  } else if (event.key === "Delete" && chosen().length) library.querySelector("[data-trash]")?.click();
  else return false;
  return true;
}

document.addEventListener("htmx:afterSettle", show);
document.addEventListener("castboard:placed", show);
window.addEventListener("pageshow", show);
