// Whoever signs out leaves nothing behind for the next one at this computer: what they were writing and had picked goes with
// them. A session that only ran out leaves it, and so does another person's: theirs is here when they are back.
import { person } from "./person.js";

/* Keys are made by `ownKey`; an earlier version named nobody in them. What has no team in it, as the theme, is no secret. */
function isTheirs(key) {
  const [product, , team, whose = ""] = key.split(":");
  return product === "castboard" && team !== undefined && (whose === person || !/^\d+$/.test(whose));
}

function forget() {
  for (const store of [localStorage, sessionStorage]) {
    for (const key of Object.keys(store).filter(isTheirs)) store.removeItem(key);
  }
}

/* What the page asks for while it waits would be answered by "sign in first", to somebody who is leaving. */
const underWay = new Set();
document.addEventListener("htmx:beforeSend", ({ detail }) => underWay.add(detail.xhr));
document.addEventListener("htmx:afterRequest", ({ detail }) => underWay.delete(detail.xhr));

function askNoMore() {
  document.addEventListener("htmx:beforeRequest", (event) => event.preventDefault());
  for (const xhr of underWay) xhr.abort();
}

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.matches("[data-sign-out]")) return;
  forget();
  askNoMore();
  window.addEventListener("pagehide", forget); // what the page still wrote while it waited
});
