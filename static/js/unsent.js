// A form that is sent by going to another page is gone when the session has ended: the way leads to the sign-in page instead.
// What was typed is remembered in this tab until the next page is here. A page that comes after such a way back says that the
// form was not sent, and puts what was typed where it stood.
import { cookie, ownKey } from "./person.js";

const key = ownKey("unsent");
const NOT_TYPED = ["hidden", "password", "file", "submit", "button"];

const typedIn = (form) => [...form.elements].filter((field) => field.name && "value" in field && !NOT_TYPED.includes(field.type));
const holds = (field) => (["checkbox", "radio"].includes(field.type) ? "checked" : "value");

function putBack(field, value) {
  if (field[holds(field)] === value) return;
  field[holds(field)] = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return; // htmx sends it, and the page stays
  const fields = typedIn(form).map((field) => [field.name, field[holds(field)]]);
  sessionStorage.setItem(key, JSON.stringify({ action: form.action, fields }));
});

function takeBack() {
  const { action, fields } = JSON.parse(sessionStorage.getItem(key));
  const form = [...document.forms].find((other) => other.action === action);
  if (!form) return;
  for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  typedIn(form).forEach((field, index) => {
    const [name, value] = fields[index] ?? [];
    if (name === field.name) putBack(field, value);
  });
  form.scrollIntoView({ block: "nearest" });
}

if (cookie("unsent")) {
  document.cookie = "unsent=; path=/; max-age=0; samesite=lax";
  const isKept = sessionStorage.getItem(key) !== null;
  if (isKept) takeBack();
  const text = isKept ? "You were signed out, so this was not sent. What you typed is here again." : "You were signed out, so what you sent did not arrive.";
  document.dispatchEvent(new CustomEvent("castboard:toast", { detail: { text, tone: "error" } }));
}
sessionStorage.removeItem(key);
