// The frame on a picture that is to be cut: dragged, resized, moved by keys. The numbers beside it are the truth.
const stage = document.getElementById("cut-stage");
const frame = document.getElementById("cut-frame");
const hole = stage.querySelector(".cut-shade path");
const WIDTH = Number(stage.dataset.width);
const HEIGHT = Number(stage.dataset.height);
const STEP = Math.max(1, Math.round(Math.max(WIDTH, HEIGHT) / 100));
const SMALLEST = 2;
const inputs = Object.fromEntries(["left", "top", "width", "height"].map((name) => [name, document.querySelector(`[data-box=${name}]`)]));
const shapes = [...document.querySelectorAll("[data-shape]")];

let ratio = ratioOf(shapes.find((button) => button.ariaPressed === "true")?.dataset.shape);

function ratioOf(shape) {
  const [wide, high] = (shape ?? "").split(":").map(Number);
  return wide && high ? wide / high : null;
}

const between = (low, value, high) => Math.min(Math.max(low, value), high);
const whole = (value) => ("even" in stage.dataset ? Math.round(value / 2) * 2 : Math.round(value));

function read() {
  const number = (name, least, most) => between(least, Math.round(Number(inputs[name].value) || 0), most);
  const left = number("left", 0, WIDTH - SMALLEST);
  const top = number("top", 0, HEIGHT - SMALLEST);
  return { left, top, width: number("width", SMALLEST, WIDTH - left), height: number("height", SMALLEST, HEIGHT - top) };
}

function write(box) {
  const width = between(SMALLEST, whole(box.width), WIDTH);
  const height = between(SMALLEST, whole(box.height), HEIGHT);
  const values = { left: between(0, Math.round(box.left), WIDTH - width), top: between(0, Math.round(box.top), HEIGHT - height), width, height };
  for (const [name, input] of Object.entries(inputs)) input.value = values[name];
  draw();
  frame.dispatchEvent(new Event("cut:changed", { bubbles: true }));
}

function draw() {
  const { left, top, width, height } = read();
  const places = { left: left / WIDTH, top: top / HEIGHT, width: width / WIDTH, height: height / HEIGHT };
  for (const [side, share] of Object.entries(places)) frame.style[side] = `${share * 100}%`;
  hole.setAttribute("d", `M0 0H${WIDTH}V${HEIGHT}H0ZM${left} ${top}h${width}v${height}h${-width}Z`);
}

/* The box with one of its edges or corners moved by so many pixels; with a shape, the other side follows. */
function resized(box, edge, dx, dy) {
  const west = edge.includes("w");
  const north = edge.includes("n");
  const right = box.left + box.width;
  const bottom = box.top + box.height;
  const mostWide = west ? right : WIDTH - box.left;
  const mostHigh = north ? bottom : HEIGHT - box.top;
  let width = between(SMALLEST, box.width + (west ? -dx : edge.includes("e") ? dx : 0), mostWide);
  let height = between(SMALLEST, box.height + (north ? -dy : edge.includes("s") ? dy : 0), mostHigh);
  if (ratio) {
    if (edge === "n" || edge === "s") width = height * ratio;
    width = Math.min(width, mostWide, mostHigh * ratio);
    height = width / ratio;
  }
  return { left: west ? right - width : box.left, top: north ? bottom - height : box.top, width, height };
}

// --- mouse and touch -------------------------------------------------------------------------------------------------
let grip = null;

stage.addEventListener("dragstart", (event) => event.preventDefault()); // of the picture beneath, which would end ours

frame.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  grip = { edge: event.target.dataset.edge ?? "", x: event.clientX, y: event.clientY, box: read() };
  frame.setPointerCapture(event.pointerId);
});

frame.addEventListener("pointermove", (event) => {
  if (!grip) return;
  const scale = WIDTH / stage.clientWidth;
  const dx = (event.clientX - grip.x) * scale;
  const dy = (event.clientY - grip.y) * scale;
  const { box, edge } = grip;
  write(edge ? resized(box, edge, dx, dy) : { ...box, left: box.left + dx, top: box.top + dy });
});

for (const name of ["pointerup", "pointercancel"]) frame.addEventListener(name, () => (grip = null));

// --- keys ------------------------------------------------------------------------------------------------------------
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

frame.addEventListener("keydown", (event) => {
  const arrow = ARROWS[event.key];
  if (!arrow || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const [dx, dy] = arrow.map((way) => way * (event.altKey ? 1 + ("even" in stage.dataset && event.shiftKey) : STEP));
  const box = read();
  if (event.shiftKey) write(resized(box, dx ? "e" : "s", dx, dy));
  else write({ ...box, left: box.left + dx, top: box.top + dy });
});

// --- numbers and shapes ----------------------------------------------------------------------------------------------
for (const input of Object.values(inputs)) input.addEventListener("input", draw);

inputs.width.addEventListener("change", () => ratio && write(resized(read(), "e", 0, 0)));
inputs.height.addEventListener("change", () => ratio && write(resized(read(), "s", 0, 0)));

/* The largest frame of that shape, around the middle of the one there is. */
function takeShape(shape) {
  ratio = ratioOf(shape);
  for (const button of shapes) button.ariaPressed = String(button.dataset.shape === shape);
  if (!ratio) return;
  const old = read();
  const width = Math.min(WIDTH, HEIGHT * ratio);
  const height = width / ratio;
  write({ left: old.left + (old.width - width) / 2, top: old.top + (old.height - height) / 2, width, height });
}

for (const button of shapes) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    takeShape(button.dataset.shape);
  });
}

frame.hidden = false;
document.getElementById("cut-keys").hidden = false;
draw();
