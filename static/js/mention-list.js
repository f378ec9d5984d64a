// `@` opens what can be mentioned: what is attached first, then what was just added; the letters that follow narrow it down.
// A listbox under the prompt, which keeps the cursor: arrows, Enter or Tab, Escape. What is picked and not attached is attached.
import { beginning, beside, box, isComposed, mention, placeOf, referenceOf } from "./mentions.js";
import { cookie } from "./person.js";
import { look } from "./studio.js";

const list = document.getElementById("mention-list");
const field = document.getElementById("prompt-field");
const form = document.getElementById("studio");
const announcer = document.getElementById("announcer");
const PAUSE = 120; // milliseconds between the last letter and the question

let asked; // the question under way
let timer;
let dismissed = -1; // where the sign stands whose list was put away

const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector("[aria-selected=true]");

async function ask() {
  const name = beginning();
  if (!name || name.start === dismissed) return close();
  asked?.abort();
  asked = new AbortController();
  const body = new FormData(form);
  body.set("mention", name.text);
  const token = cookie("csrftoken") ?? "";
  try {
    const answer = await fetch(field.dataset.mentions, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": token, "HX-Request": "true" },
      signal: asked.signal,
    });
    if (!answer.ok || answer.redirected) return close();
    return show(await answer.text(), name);
  } catch {
    return close(); // a newer question, or no line: the prompt is a prompt without it
  }
}

function show(html, name) {
  const now = beginning();
  if (!now || now.start !== name.start) return close();
  list.innerHTML = html;
  if (!options().length) return close();
  list.hidden = false;
  beside(list, placeOf(name.start));
  list.scrollTop = 0;
  const textarea = box();
  textarea.setAttribute("role", "combobox");
  textarea.setAttribute("aria-expanded", "true");
  textarea.setAttribute("aria-autocomplete", "list");
  textarea.setAttribute("aria-controls", list.id);
  choose(options()[0]);
  const number = options().length;
  announcer.textContent = `${number} ${number === 1 ? "asset" : "assets"}. Arrows to choose, Enter to mention.`;
  return undefined;
}

function close() {
  clearTimeout(timer);
  asked?.abort();
  if (list.hidden) return;
  list.hidden = true;
  list.replaceChildren();
  for (const name of ["role", "aria-expanded", "aria-autocomplete", "aria-controls", "aria-activedescendant"]) {
    box().removeAttribute(name);
  }
}

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  box().setAttribute("aria-activedescendant", option.id);
}

function pick(option) {
  const { start } = beginning() ?? {};
  const { name, identity } = option.dataset;
  close();
  if (start === undefined) return;
  mention(name, identity, start, box().selectionEnd);
  announcer.textContent = `${name} mentioned.`;
  if (!referenceOf(identity)) look({ do: `attach:${identity}` });
}

field.addEventListener("keydown", (event) => {
  if (event.target !== box() || list.hidden || isComposed(event)) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const all = options();
  const at = all.indexOf(chosen());
  const actions = {
    ArrowDown: () => choose(all[(at + 1) % all.length]),
    ArrowUp: () => choose(all.at(at - 1)),
    Enter: () => pick(all[at]),
    Tab: () => pick(all[at]),
    Escape: () => {
      dismissed = beginning()?.start ?? -1;
      close();
    },
  };
  if (!actions[event.key] || (event.shiftKey && event.key !== "Escape")) return;
  event.preventDefault();
  event.stopPropagation();
  actions[event.key]();
});

document.addEventListener("input", ({ target }) => {
  if (target !== box()) return;
  clearTimeout(timer);
  const name = beginning();
  if (!name) {
    dismissed = -1;
    close();
  } else timer = setTimeout(ask, PAUSE);
});

document.addEventListener("selectionchange", () => {
  if (document.activeElement === box() && !list.hidden && !beginning()) close();
});
field.addEventListener("focusout", ({ target }) => {
  if (target === box()) close();
});

// Pressing, not clicking: the prompt keeps the cursor.
list.addEventListener("pointerdown", (event) => event.preventDefault());
list.addEventListener("click", ({ target }) => {
  const option = target.closest("[role=option]");
  if (option) pick(option);
});
