// What is typed into a field with `data-draft="name"` survives a reload, a crash and an expired session, until the server has
// taken it: a field that the server marks with `data-draft-taken` counts as it comes, and its value is the new draft.
import { ownKey } from "./person.js";

const keyOf = (field) => ownKey(`draft-${field.dataset.draft}`);

function store(field) {
  if (field.value) localStorage.setItem(keyOf(field), field.value);
  else localStorage.removeItem(keyOf(field));
}

function restore(field) {
  const draft = localStorage.getItem(keyOf(field));
  if (!draft || field.value) return;
  field.value = draft;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", ({ target }) => {
  if (target.dataset?.draft) store(target);
});

// Once for the page itself, then for all that htmx brings in.
document.addEventListener("htmx:load", ({ target }) => {
  for (const field of target.querySelectorAll("[data-draft]")) {
    if ("draftTaken" in field.dataset) store(field);
    else restore(field);
  }
});
