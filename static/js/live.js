// The page's one poll. It asks every second while something is under way, every ten when not, never while the tab is hidden,
// ever slower while nobody answers; and it puts what changed where it belongs. `views/live.py` is the other end.
const BUSY = 1000;
const IDLE = 10_000;
const STAY_AWAKE = 30_000; // after a change the next one is often near
const WORST = 30_000;

let timer;
let failures = 0;
let lastChange = 0;

const poller = () => document.getElementById("live");

function pause() {
  if (failures) return Math.min(BUSY * 2 ** failures, WORST);
  const awake = poller().dataset.busy || Date.now() - lastChange < STAY_AWAKE;
  return awake ? BUSY : IDLE;
}

/* Not every page has something that changes by itself. */
const isAwake = () => poller() && !document.hidden;

function plan(delay) {
  clearTimeout(timer);
  if (isAwake()) timer = setTimeout(ask, delay ?? pause());
}

function ask() {
  clearTimeout(timer);
  if (isAwake()) htmx.trigger(poller(), "castboard:tick");
}

document.addEventListener("visibilitychange", ask);

// Something was done here: do not wait for the next round to show it.
document.addEventListener("castboard:changed", () => {
  lastChange = Date.now();
  plan(0);
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.id !== "live") return;
  failures = detail.successful ? 0 : failures + 1;
  plan();
});

document.addEventListener("htmx:afterSwap", ({ target }) => {
  const letter = target.id === "live" && target.querySelector("template");
  if (letter) deliver(letter);
});

function deliver(letter) {
  lastChange = Date.now();
  const news = [...letter.content.children].map(place).filter(Boolean);
  letter.remove();
  announce(news);
  document.dispatchEvent(new CustomEvent("castboard:placed", { detail: { elements: news } }));
  plan();
}

/* Put one element where it belongs; the element that is now in the page, or undefined when nothing changed. */
function place(fresh) {
  const old = document.getElementById(fresh.id);
  if (old) keepTokens(old, fresh);
  if (old?.isEqualNode(fresh) || isBeingWritten(old)) return undefined;
  if ("gone" in fresh.dataset) {
    old?.remove();
    return undefined;
  }
  const list = document.getElementById(fresh.dataset.list ?? "");
  if (old && (!list || old.parentElement === list) && old.dataset.order === fresh.dataset.order) {
    keep(old, fresh, () => old.replaceWith(fresh));
  } else if (list) {
    keep(old, fresh, () => {
      old?.remove();
      insert(list, fresh);
    });
  } else if (old && "list" in fresh.dataset) {
    keep(old, fresh, () => old.replaceWith(fresh));
  }
  if (!fresh.isConnected) return undefined;
  htmx.process(fresh);
  return fresh;
}

/* What somebody has typed and not saved is theirs: the news waits for the page's next visit. */
function isBeingWritten(old) {
  return [...(old?.querySelectorAll("[data-held]") ?? [])].some((field) => field.value !== field.defaultValue);
}

/* Each answer masks the CSRF token anew, which is no change; `session.js` keeps tokens fresh. */
function keepTokens(old, fresh) {
  const token = old.querySelector("[name=csrfmiddlewaretoken]")?.getAttribute("value");
  if (!token) return;
  for (const field of fresh.querySelectorAll("[name=csrfmiddlewaretoken]")) field.setAttribute("value", token);
}

/* Lists are sorted by `data-order`, largest first, and hold `data-cap` at most. What would come after the last one of a list
   that goes on elsewhere (`data-more`) is not ours to show. */
function insert(list, fresh) {
  const order = Number(fresh.dataset.order);
  const next = [...list.children].find((other) => Number(other.dataset.order) < order);
  if (!next && "more" in list.dataset) return;
  list.insertBefore(fresh, next ?? null);
  while (list.dataset.cap && list.children.length > Number(list.dataset.cap)) {
    list.lastElementChild.remove();
    list.dataset.more = "";
  }
}

const FOCUSABLE = "a[href], button, input, select, textarea, summary";

/* Replace without taking focus, unfolded details or what is selected away. */
function keep(old, fresh, replace) {
  const focused = old ? [...old.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement) : -1;
  old?.querySelectorAll("details").forEach((fold, index) => {
    const same = fresh.querySelectorAll("details")[index];
    if (same) same.open = fold.open;
  });
  const selected = old?.querySelector("[data-select]")?.checked;
  if (selected) fresh.querySelector("[data-select]").checked = true;
  replace();
  if (focused < 0) return;
  const places = fresh.querySelectorAll(FOCUSABLE);
  (places[focused] ?? places[0])?.focus({ preventScroll: true });
}

function announce(news) {
  const sentences = news.map((element) => element.dataset.announce).filter(Boolean);
  if (!sentences.length) return;
  document.getElementById("announcer").textContent = sentences.length > 3 ? `${sentences.length} changes` : sentences.join(". ");
}

plan();
