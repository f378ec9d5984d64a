// <button data-copy="text"> puts the text on the clipboard and says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = button.dataset.copyFrom ? document.getElementById(button.dataset.copyFrom).textContent : button.dataset.copy;
  const say = (text, tone) => document.dispatchEvent(new CustomEvent("castboard:toast", { detail: { text, tone } }));
  try {
    await navigator.clipboard.writeText(source);
    say("Copied.");
  } catch {
    say(`The browser does not allow copying. Copy it by hand: ${source}`, "error");
  }
});
