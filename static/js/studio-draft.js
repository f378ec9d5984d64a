// What is being composed survives a reload, a crash and an expired session. The click goes with it: a form that was sent
// while the line broke is still the same one generation when it is sent again.
import { ownKey } from "./person.js";
import "./studio-turns.js";

const form = document.getElementById("studio");
// Back from choosing a part: the page holds what was being composed, and stands where that was.
const isBack = "given" in form.dataset;
if (isBack) history.replaceState(null, "", form.dataset.given);
const asked = new URLSearchParams(location.search);
const isGiven = asked.has("from"); // what is composed comes from the server, beside one's own draft
const key = ownKey(isGiven ? "studio-from" : "studio"); // nobody else who signs in here sees it
const address = location.search;
const MOST = isGiven ? 8 : 1; // drafts that are kept, each under its address; whatever brings something brings it to one's own
// In this tab it is nobody else's; a tab that is opened anew finds what the browser has last seen.
const STORES = [sessionStorage, localStorage];
const brings = !isGiven && ["asset", "model", "preset"].some((name) => asked.has(name)); // goes to what was composed, once
const NOT_KEPT = ["csrfmiddlewaretoken", "shown_to", "stood_on", "target", "do", "asked", "stop_asking", "shown_price", "shown_for"]; // a question and a price belong to their press

let isReady = false;
let untouched = ""; // what the server opened the page with, until somebody changes it: no draft, and it pushes out none

const composed = () => [...new FormData(form)].filter(([name]) => !NOT_KEPT.includes(name) && !name.startsWith("pool_"));

function keep() {
  const fields = isReady ? composed() : null;
  if (!fields || JSON.stringify(fields) === untouched) return;
  untouched = "";
  for (const store of STORES) {
    const others = draftsIn(store).filter((draft) => draft.address !== address);
    store.setItem(key, JSON.stringify([{ address, fields }, ...others].slice(0, MOST)));
  }
}

/* Also when nothing was changed: what is sent now and gets no answer is the same film when it is sent again. */
function keepAsSent() {
  untouched = "";
  keep();
}

function draftsIn(store) {
  try {
    return [JSON.parse(store.getItem(key)) ?? []].flat();
  } catch {
    return [];
  }
}

/* A reload brings everything back; so does an address that brings something: the server adds that to it, for only there
   is known what fits the model at hand, and it says what does not. */
function fieldsToRestore() {
  const isMine = (draft) => !isGiven || draft.address === address;
  return STORES.map((store) => draftsIn(store).find(isMine)).find(Boolean)?.fields;
}

/* The server draws the controls, as ever; it is given the draft as if the page had sent it. */
async function restore(fields) {
  const click = fields.find(([name]) => name === "click");
  if (click) document.getElementById("studio-click").value = click[1];
  const courier = document.createElement("form");
  Object.assign(courier, { id: "studio-courier", hidden: true });
  courier.setAttribute("hx-sync", "#studio:queue all"); // what is pressed meanwhile is done to what comes back
  const wanted = brings ? [["do", "bring"], ["brought", location.search.slice(1)]] : [["do", "restore"]];
  for (const [name, value] of [...fields, ...wanted, ["restored", "1"]]) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    courier.append(input);
  }
  document.body.append(courier);
  htmx.process(form); // or htmx, which comes to it only when the page is whole, would then forget whose turn it is
  const answered = new Promise((resolve) => {
    courier.addEventListener("htmx:afterRequest", ({ detail }) => resolve(detail.successful), { once: true });
  });
  htmx.ajax("POST", form.dataset.check, { source: courier, swap: "none" }).catch(() => {}); // that says only when it was sent
  const isRestored = await answered;
  courier.remove();
  return isRestored;
}

form.addEventListener("input", keep);
form.addEventListener("submit", keepAsSent);
document.addEventListener("htmx:afterSettle", keep);

/* On to a page of its own, with all that is composed: htmx would bring that page in here. */
form.addEventListener("click", (event) => {
  const way = event.target.closest("[data-leave]");
  if (!way) return;
  event.preventDefault();
  const address = new URL(way.formAction);
  address.searchParams.set("address", location.search);
  form.action = address;
  form.submit();
});

const fields = isBack ? null : fieldsToRestore();
isReady = fields ? await restore(fields) : true;
if (!fields) untouched = JSON.stringify(composed());
// It has come: a reload brings back what was made of it since, and the same link brings it anew.
if (brings && isReady) history.replaceState(history.state, "", location.pathname);
if (isBack || brings) keepAsSent();
document.dispatchEvent(new CustomEvent("studio:ready", { detail: { isOwn: !brings && !isGiven && !isBack } }));
