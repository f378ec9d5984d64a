// What this browser cannot decode, though its kind is a usual one: our clip or still is shown in its place, and the page says so.
function exchange(shown) {
  const { instead } = shown.dataset;
  delete shown.dataset.instead;
  for (const words of shown.parentElement.querySelectorAll("[data-unplayable]")) words.hidden = false;
  if (instead) {
    shown.src = instead;
    shown.loop = true;
  } else if (shown.poster) {
    const still = new Image();
    still.src = shown.poster;
    shown.replaceWith(still);
  } else {
    shown.remove();
  }
}

const isBroken = (shown) => (shown.tagName === "IMG" ? shown.complete && !shown.naturalWidth : shown.error || isBlind(shown));
// A player that can only decode the sound of a film shows nothing, and calls that no error.
const isBlind = (shown) => shown.tagName === "VIDEO" && shown.readyState > 0 && !shown.videoWidth;

const look = ({ target }) => target.matches?.("[data-instead]") && isBroken(target) && exchange(target);

// Neither event bubbles.
document.addEventListener("error", look, true);
document.addEventListener("loadedmetadata", look, true);
document.querySelectorAll("[data-instead]").forEach((shown) => isBroken(shown) && exchange(shown));
