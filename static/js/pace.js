// What takes longer than usual says so while one looks: “slow” after twice the usual time, “stuck” when it will hardly end.
const live = document.getElementById("live");
const offset = live ? Number(live.dataset.now) - Date.now() : 0;

function tick() {
  if (document.hidden) return;
  const now = Date.now() + offset;
  for (const card of document.querySelectorAll("[data-slow-at]")) {
    const word = now >= Number(card.dataset.stuckAt) ? "stuck" : now >= Number(card.dataset.slowAt) ? "slow" : "";
    if (card.dataset.pace !== word) card.dataset.pace = word;
  }
}

setInterval(tick, 1000);
document.addEventListener("visibilitychange", tick);
