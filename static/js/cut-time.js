// The start and the end of what is kept of a video or sound: two handles, and a player that plays the part. The numbers beside
// them are the truth.
const SECONDS = Number(document.getElementById("cut-times").dataset.seconds);
const SHORTEST = 0.5;
const END = Math.floor(SECONDS * 100 + 1e-6) / 100;
const player = document.getElementById("cut-player");
const track = document.getElementById("cut-track");
const controls = document.getElementById("cut-play");
const kept = track.querySelector(".cut-kept");
const now = track.querySelector(".cut-now");
const inputs = Object.fromEntries(["start", "end"].map((name) => [name, document.querySelector(`[data-time=${name}]`)]));
const handles = Object.fromEntries(["start", "end"].map((name) => [name, track.querySelector(`[data-handle=${name}]`)]));
const seek = controls.querySelector("[data-seek]");
const play = controls.querySelector("[data-play]");
const clock = controls.querySelector("[data-clock]");

const between = (low, value, high) => Math.min(Math.max(low, value), high);
const hundredths = (seconds) => Math.round(seconds * 100) / 100;

function read() {
  const start = between(0, Number(inputs.start.value) || 0, END);
  const end = between(0, Number(inputs.end.value) || 0, END);
  return { start, end };
}

/* One end moved by a handle or to where the player is: it stops short of the other. */
function write(name, seconds) {
  const { start, end } = read();
  const value = name === "start" ? between(0, seconds, Math.max(0, end - SHORTEST)) : between(Math.min(END, start + SHORTEST), seconds, END);
  inputs[name].value = hundredths(value);
  draw();
  track.dispatchEvent(new Event("cut:changed", { bubbles: true }));
  return hundredths(value);
}

function draw() {
  const { start, end } = read();
  handles.start.value = start;
  handles.end.value = end;
  kept.setAttribute("x", (start / END) * 1000);
  kept.setAttribute("width", (Math.max(0, end - start) / END) * 1000);
  for (const name of ["start", "end"]) handles[name].setAttribute("aria-valuetext", `${inputs[name].value} s`);
}

function tell() {
  const at = player.currentTime;
  seek.value = at;
  seek.setAttribute("aria-valuetext", `${at.toFixed(1)} s`);
  clock.value = `${at.toFixed(2)} s`;
  now.setAttribute("x", (at / END) * 1000 - 1);
}

// --- handles and numbers ---------------------------------------------------------------------------------------------
for (const [name, handle] of Object.entries(handles)) {
  handle.max = END;
  handle.addEventListener("input", (event) => {
    event.stopPropagation(); // the number it writes tells the page
    player.pause();
    player.currentTime = write(name, Number(handle.value));
  });
}
for (const input of Object.values(inputs)) input.addEventListener("input", draw);

// --- the player ------------------------------------------------------------------------------------------------------
let isPart = false;

function watch() {
  tell();
  if (isPart && player.currentTime >= read().end) player.pause();
  if (!player.paused) requestAnimationFrame(watch);
}

play.addEventListener("click", () => {
  if (!player.paused) {
    player.pause();
    return;
  }
  const { start, end } = read();
  if (player.currentTime < start || player.currentTime >= end - 0.05) player.currentTime = start;
  isPart = true;
  player.play();
});

player.addEventListener("play", () => {
  play.querySelector("span").textContent = "Pause";
  watch();
});
player.addEventListener("pause", () => {
  isPart = false;
  play.querySelector("span").textContent = "Play the part";
});
for (const name of ["seeked", "timeupdate"]) player.addEventListener(name, tell);

seek.max = END;
seek.addEventListener("input", (event) => {
  event.stopPropagation();
  player.pause();
  player.currentTime = Number(seek.value);
});

for (const button of document.querySelectorAll("[data-here]")) {
  button.hidden = false;
  button.addEventListener("click", () => write(button.dataset.here, player.currentTime));
}

player.controls = false;
track.hidden = controls.hidden = false;
draw();
