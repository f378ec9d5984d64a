// A page may outlive its session. Whatever was typed stays on the page; this says what happened and keeps the CSRF token fresh,
// so that signing in again in another tab is enough to go on here. Not for somebody else: what this page sends is its own
// person's, and `views/whose_page.py` refuses it for another.
import { cookie, isAnothers, shownTo } from "./person.js";

const banner = document.getElementById("connection-lost");
const words = banner.querySelector("[data-words]");
const signIn = banner.querySelector("[data-sign-in]");
const goOn = banner.querySelector("[data-go-on]");

function say(text, { offerSignIn = false, offerGoOn = false } = {}) {
  if (words.textContent !== text) words.textContent = text;
  signIn.hidden = !offerSignIn;
  goOn.hidden = !offerGoOn;
  banner.hidden = false;
}

/* The server knows the names: asked for anything by this page, it says who is here now. */
async function sayWhose(form, button) {
  say("Somebody else has signed in since this page was opened. Nothing was sent.", { offerGoOn: true });
  const headers = { "X-Shown-To": shownTo, Accept: "application/json" };
  const answer = await fetch(location.href, { headers }).catch(() => undefined);
  if (answer?.status === 409) say((await answer.json()).problem, { offerGoOn: true });
  else if (answer?.ok && !isAnothers()) form.requestSubmit(button); // a page of before had come late: it is theirs after all
}

document.addEventListener("castboard:another-person", ({ detail }) => say(detail.text, { offerGoOn: true }));

document.addEventListener("htmx:configRequest", (event) => {
  const token = cookie("csrftoken");
  if (token && !isAnothers()) event.detail.headers["X-CSRFToken"] = token;
});

document.addEventListener("submit", (event) => {
  if (isAnothers()) {
    event.preventDefault();
    event.stopImmediatePropagation();
    sayWhose(event.target, event.submitter);
    return;
  }
  const field = event.target.elements.namedItem("csrfmiddlewaretoken");
  const token = cookie("csrftoken");
  if (field && token) field.value = token;
}, { capture: true });

document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, elt } = event.detail;
  if (xhr.status >= 200 && xhr.status < 400) {
    banner.hidden = true;
  } else if (xhr.status === 409) {
    // said by the answer itself
  } else if (xhr.status === 401) {
    say("You have been signed out. What you typed is kept.", { offerSignIn: true });
    if (elt.id !== "live") toast("Not sent: sign in first.", { label: "Sign in", press: () => signIn.click() });
  } else if (elt.id === "live") {
    say(xhr.status ? "Castboard has trouble answering. Trying again…" : "Connection lost. Trying again…");
  } else if (xhr.status) {
    toast(refusal(xhr.status));
  }
});

// Not an answer that nobody waits for any more: a newer question took its place, and the page itself broke the old one off.
document.addEventListener("htmx:sendError", ({ detail }) => {
  if (detail.elt.id !== "live") toast("Castboard could not be reached. Nothing was lost: try again.");
});

function toast(text, button) {
  document.dispatchEvent(new CustomEvent("castboard:toast", { detail: { text, button, tone: "error" } }));
}

function refusal(status) {
  if (status === 403) return "You may not do that in this team. Ask one of its admins.";
  if (status === 404) return "That is not there any more.";
  if (status === 400 || status === 413) return "That was too much at once. Nothing was lost: try with less.";
  if (status === 507) return "The disk of this server is full. Nothing new can be saved until there is room.";
  if (status === 503) return "The database is busy. Try again in a moment.";
  return "Castboard stumbled over that. Nothing was lost: try again.";
}
