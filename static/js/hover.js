// A film plays while the mouse rests on it: muted, one at a time, its poster first. Sound plays in place, one at a time too.
const place = document.querySelector("[data-wall], [data-plays]");
const WAIT = 150; // a mouse that only passes by starts nothing
let film;
let timer;

function stop() {
  clearTimeout(timer);
  film?.remove();
  film = undefined;
}

function play(tile) {
  film = document.createElement("video");
  Object.assign(film, { muted: true, loop: true, playsInline: true, preload: "auto", src: tile.dataset.play });
  film.className = "thumb-film";
  film.setAttribute("aria-hidden", "true");
  film.addEventListener("playing", () => film?.classList.add("thumb-film-on"), { once: true });
  tile.querySelector(".thumb").append(film);
  film.play().catch(stop);
}

const calm = matchMedia("(prefers-reduced-motion: reduce)");

place.addEventListener("pointerover", (event) => {
  const tile = event.target.closest?.("[data-play][data-type=video]");
  if (!tile || event.pointerType !== "mouse" || calm.matches || tile.contains(film)) return;
  stop();
  timer = setTimeout(() => play(tile), WAIT);
});

place.addEventListener("pointerout", (event) => {
  const tile = event.target.closest?.("[data-play]");
  if (tile && !tile.contains(event.relatedTarget)) stop();
});

// --- sound ---
const sound = new Audio();
let button;

function silence() {
  sound.pause();
  button?.setAttribute("aria-pressed", "false");
  button = undefined;
}

place.addEventListener("click", ({ target }) => {
  const pressed = target.closest("[data-sound]");
  if (!pressed) return;
  if (pressed === button) return silence();
  silence();
  button = pressed;
  button.setAttribute("aria-pressed", "true");
  sound.src = pressed.closest(".tile").dataset.play;
  sound.play().catch(silence);
});

sound.addEventListener("ended", silence);
document.getElementById("viewer")?.addEventListener("toggle", silence);
