// Presses that spend: one that comes too soon was meant for what stood there before. So the question before the money is read
// before it is answered, and a double click pays once, also when the answer to its first half came in between.
const TOO_SOON = 700; // milliseconds
const drawnAt = new Map(); // by the id of the button

document.addEventListener("studio:asked", () => {
  drawnAt.set("studio-yes", performance.now());
  const question = document.getElementById("studio-question");
  question?.focus({ preventScroll: true });
  question?.scrollIntoView({ block: "nearest" });
});

/* The next press of Generate has a name of its own: the last one is on its way. */
document.addEventListener("htmx:oobAfterSwap", ({ target }) => {
  if (target.id === "studio-click") drawnAt.set("studio-generate", performance.now());
});

document.addEventListener(
  "click",
  (event) => {
    const id = event.target.closest("#studio-yes, #studio-generate")?.id;
    if (!id) return;
    // When it was pressed, not when the page got to it; and whatever the time, the second half of a double click.
    if (event.detail < 2 && event.timeStamp - (drawnAt.get(id) ?? -Infinity) > TOO_SOON) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
