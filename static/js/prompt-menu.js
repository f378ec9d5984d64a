// The menu of prompts and presets closes when something in it was used, on Escape, and on a press elsewhere.
const menu = document.getElementById("prompt-menu");
const summary = menu.querySelector("summary");

function close() {
  menu.open = false;
}

menu.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  event.preventDefault();
  event.stopPropagation();
  close();
  summary.focus();
});

// Enter beside the name saves it: the form's own Enter means something else.
menu.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.target.name !== "preset_name") return;
  event.preventDefault();
  event.stopPropagation();
  menu.querySelector(".prompt-save button").click();
});

// A preset's name is no part of what is composed: a check of that would wipe away what is said when the preset is kept.
menu.addEventListener("input", (event) => event.stopPropagation());

// It is filled whenever it opens; closing asks for nothing.
menu.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target === menu && !menu.open) event.preventDefault();
});

document.addEventListener("pointerdown", ({ target }) => {
  if (menu.open && !menu.contains(target)) close();
});

// After the request was put together, for what is in the menu is part of the form.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig?.triggeringEvent?.submitter?.closest("#prompt-menu")) {
    close();
    document.getElementById("studio-prompt").focus();
  }
});
