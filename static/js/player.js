// Keys for looking closely at a take. They work wherever the focus is, except where somebody types or presses.
const FAST = 1; // seconds
const player = () => document.getElementById("player");

const KEYS = {
  " ": toggle,
  k: toggle,
  j: (film) => hop(film, -FAST),
  l: (film) => hop(film, FAST),
  ArrowLeft: (film) => hop(film, -FAST),
  ArrowRight: (film) => hop(film, FAST),
  ",": (film) => step(film, -1),
  ".": (film) => step(film, 1),
  f: (film) => (document.fullscreenElement ? document.exitFullscreen() : film.requestFullscreen()),
};

function toggle(film) {
  if (film.paused) film.play();
  else film.pause();
}

function hop(film, seconds) {
  film.currentTime = Math.min(Math.max(0, film.currentTime + seconds), film.duration || 0);
}

/* To the middle of the next frame, so that rounding never lands on the one that is shown. */
function step(film, frames) {
  film.pause();
  const rate = Number(film.dataset.fps) || 24;
  const frame = Math.floor(film.currentTime * rate + 0.001) + frames;
  film.currentTime = Math.min(Math.max(0, (frame + 0.5) / rate), film.duration || 0);
}

document.addEventListener("keydown", (event) => {
  const film = player();
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!film || !act || event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === " " && event.target.closest("button, a, summary")) return;
  event.preventDefault();
  act(film);
});
