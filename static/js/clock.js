// Times that go on by themselves: <time data-elapsed> counts up, <time data-ago> grows older. Counted on the server's clock.
function serverNow() {
  return Date.now() + offset;
}

const live = document.getElementById("live");
const offset = live ? Number(live.dataset.now) - Date.now() : 0;

function two(number) {
  return String(number).padStart(2, "0");
}

function elapsed(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} m`;
}

function ago(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ago`;
  const days = Math.floor(minutes / 1440);
  return days === 1 ? "yesterday" : `${days} days ago`;
}

function tick() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-elapsed], time[data-ago]")) {
    const seconds = Math.max(0, Math.floor((serverNow() - Date.parse(time.dateTime)) / 1000));
    const words = "elapsed" in time.dataset ? elapsed(seconds) : ago(seconds);
    if (time.textContent !== words) time.textContent = words;
  }
}

/* <time data-clock>: the time of day where the reader is. */
function showClocks() {
  for (const time of document.querySelectorAll("time[data-clock]")) {
    const words = new Date(time.dateTime).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
    if (time.textContent !== words) time.textContent = words;
  }
}

showClocks();
document.addEventListener("htmx:afterSettle", showClocks);
document.addEventListener("castboard:placed", showClocks);
setInterval(tick, 1000);
document.addEventListener("visibilitychange", tick);
