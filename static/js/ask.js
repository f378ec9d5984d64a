// The question before the money: it is read before it is answered.
const TOO_SOON = 700; // milliseconds in which a press was meant for the button that stood here before

let askedAt = -Infinity;

document.addEventListener("studio:asked", () => {
  askedAt = performance.now();
  const question = document.getElementById("studio-question");
  question?.focus({ preventScroll: true });
  question?.scrollIntoView({ block: "nearest" });
});

document.addEventListener(
  "click",
  (event) => {
    if (!event.target.closest("#studio-yes") || performance.now() - askedAt > TOO_SOON) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
