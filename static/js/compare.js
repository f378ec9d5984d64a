// Films side by side, played as one: the longest leads, the others keep to its time, and one of them is heard.
const stage = document.getElementById("compare");
const bar = document.getElementById("compare-bar");
const slider = bar.querySelector("[data-time]");
const clock = bar.querySelector("[data-clock]");
let films = [...stage.querySelectorAll("video")];

const SECOND = 1;
const JUMP = 0.25; // seconds apart from which a film is moved rather than made to catch up
const SLACK = 0.02; // seconds that nobody sees
const CATCH_UP = 0.06; // share of the speed
const END = 0.04;

let playing = false;
let held = false; // one of them waits for data, so all wait
let looping = true;
let muted = false;
let heard = films[0];
let time = 0; // where they stand together, in seconds

const length = () => Math.max(0, ...films.map((film) => film.duration || 0));
const leader = () => films.reduce((longest, film) => ((film.duration || 0) > (longest?.duration || 0) ? film : longest), films[0]);
const isOver = (film) => film.ended || film.currentTime >= film.duration - END;
const run = (film) => film.play().catch(() => {});

function put(film, at) {
  film.currentTime = Math.min(Math.max(0, at), Math.max(0, (film.duration || 0) - END / 2));
}

function seek(at) {
  time = Math.min(Math.max(0, at), length());
  for (const film of films) {
    film.playbackRate = 1;
    put(film, time);
    if (playing && !held && time < film.duration - END) run(film);
  }
  show();
}

function play() {
  if (time >= length() - END) seek(0);
  playing = true;
  held = false;
  for (const film of films) {
    put(film, time);
    if (time < film.duration - END) run(film);
  }
  show();
  requestAnimationFrame(tick);
}

function pause() {
  playing = false;
  films.forEach((film) => film.pause());
  const first = leader();
  if (first) seek(first.currentTime);
}

/* To the middle of a frame of the leader, so that rounding never lands on the one that is shown. */
function step(frames) {
  if (playing) pause();
  const rate = Number(leader()?.dataset.fps) || 24;
  seek((Math.floor(time * rate + 0.001) + frames + 0.5) / rate);
}

function tick() {
  if (!playing) return;
  const first = leader();
  const starving = films.some((film) => !isOver(film) && film.readyState < HTMLMediaElement.HAVE_FUTURE_DATA && !film.error);
  if (starving !== held) {
    held = starving;
    for (const film of films) {
      if (held) film.pause();
      else if (!isOver(film)) run(film);
    }
  }
  if (first && !held) {
    time = first.currentTime;
    films.filter((film) => film !== first).forEach((film) => keepUp(film));
    if (isOver(first)) return over();
  }
  show();
  return requestAnimationFrame(tick);
}

/* A shorter film rests on its last frame until the longest is over. */
function keepUp(film) {
  if (time >= film.duration - END) {
    film.pause();
    return;
  }
  const behind = time - film.currentTime;
  if (Math.abs(behind) > JUMP) put(film, time);
  film.playbackRate = Math.abs(behind) < SLACK || Math.abs(behind) > JUMP ? 1 : 1 + Math.sign(behind) * CATCH_UP;
  if (film.paused) run(film);
}

function over() {
  if (looping) {
    seek(0);
    requestAnimationFrame(tick);
  } else {
    pause();
  }
}

function listen(film) {
  heard = film ?? heard;
  for (const each of films) each.muted = muted || each !== heard;
  for (const choice of stage.querySelectorAll("[name=sound]")) choice.checked = choice.value === heard?.dataset.letter;
  bar.querySelector("[data-do=mute]").setAttribute("aria-pressed", String(muted));
}

function words(seconds) {
  const tenths = Math.floor(seconds * 10);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
}

function show() {
  slider.max = String(length() || 1);
  if (slider !== document.activeElement || playing) slider.value = String(time);
  clock.textContent = `${words(time)} / ${words(length())}`;
  slider.setAttribute("aria-valuetext", clock.textContent);
  const button = bar.querySelector("[data-do=toggle]");
  button.setAttribute("aria-pressed", String(playing));
  button.querySelector("[data-when=playing]").hidden = !playing;
  button.querySelector("[data-when=paused]").hidden = playing;
  bar.querySelector("[data-do=loop]").setAttribute("aria-pressed", String(looping));
}

const DO = {
  toggle: () => (playing ? pause() : play()),
  restart: () => seek(0),
  back: () => step(-1),
  on: () => step(1),
  loop: () => {
    looping = !looping;
    show();
  },
  mute: () => {
    muted = !muted;
    listen();
  },
};

const KEYS = {
  " ": DO.toggle,
  k: DO.toggle,
  j: () => seek(time - SECOND),
  l: () => seek(time + SECOND),
  ArrowLeft: () => seek(time - SECOND),
  ArrowRight: () => seek(time + SECOND),
  ",": DO.back,
  ".": DO.on,
  r: DO.restart,
  m: DO.mute,
  o: DO.loop,
  f: () => (document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen?.()),
};

bar.addEventListener("click", ({ target }) => DO[target.closest("[data-do]")?.dataset.do]?.());
slider.addEventListener("input", () => seek(Number(slider.value)));
stage.addEventListener("change", ({ target }) => {
  if (target.name === "sound") {
    muted = false;
    listen(films.find((film) => film.dataset.letter === target.value));
  }
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.target.closest("input:not([type=radio]):not([type=range]), textarea, select, [contenteditable]")) return;
  if (event.key === " " && event.target.closest("button, a, summary, input")) return;
  if (event.key.startsWith("Arrow") && event.target.closest("[type=radio]")) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? sound(event.key);
  if (!act) return;
  event.preventDefault();
  act();
});

function sound(key) {
  const film = /^[1-4]$/.test(key) && films.find((each) => each.dataset.letter === "ABCD"[Number(key) - 1]);
  return film && (() => {
    muted = false;
    listen(film);
  });
}

function begin(film) {
  film.controls = false;
  film.tabIndex = -1;
  film.addEventListener("loadedmetadata", show);
  film.addEventListener("click", DO.toggle);
  film.addEventListener("error", () => drop(film));
  if (film.error) drop(film);
}

/* A film that this browser cannot play does not hold up the others. */
function drop(film) {
  films = films.filter((each) => each !== film);
  film.closest(".compare-film").querySelector(".compare-trouble").hidden = false;
  listen(heard === film ? films[0] : heard);
  show();
}

document.addEventListener("visibilitychange", () => document.hidden && playing && pause());

if (films.length) {
  for (const part of stage.querySelectorAll("#compare-bar, .compare-keys, .compare-sound")) part.hidden = false;
  [...films].forEach(begin);
  listen(heard);
  show();
}
