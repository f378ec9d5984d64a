// A person is faster than the line. What is done to the form is done in turn (its `hx-sync`), each thing as it was pressed and to
// what it was pressed on; an answer about the form as it was before is not shown; and what was set meanwhile stays.
const form = document.getElementById("studio");
const check = document.getElementById("studio-check");
const DOES = "#studio, #studio-look, #studio-courier"; // whose requests do something
const ASKS = "#studio-check, #pool-name, .pool-filters"; // whose requests only ask what the form comes to
const PRESSED = ["do", "confirmed"]; // the names of buttons
const REPLACES_PROMPT = /^(restore|bring|recall|preset|undo|only)\b/; // what is typed before the answer is there would end up in the middle of it

// --- each press as it was made ------------------------------------------------------------------------------------------------
const OF_REFERENCE = /^(up|down|move|remove|older|place|mend|mention):(\d+)(.*)$/s;
const references = () => [...document.querySelectorAll("#studio-slots [name=reference]")];
const meant = ({ value }) => value.slice(value.indexOf(":")); // without the slot that it is in

/* What is to be done, to be said when its turn comes: the third reference may be the second by then, or gone. */
export function inItsTurn(action) {
  const [, verb, index, rest] = OF_REFERENCE.exec(action) ?? [];
  const reference = references()[index];
  if (!reference) return () => action;
  return () => {
    if (reference.isConnected) return action;
    const now = references();
    const same = now.find(({ value }) => value === reference.value) ?? now.find((each) => meant(each) === meant(reference));
    return same ? `${verb}:${now.indexOf(same)}${rest}` : "look";
  };
}

const presses = new WeakMap(); // what each press does, by its event
const clicks = new WeakMap(); // what is sent by a press that spends is named when it is pressed: a second one while that waits is the same

document.addEventListener("submit", (event) => {
  if (event.target !== form) return;
  if (event.submitter?.name !== "do") {
    clicks.set(event, document.getElementById("studio-click").value);
    return;
  }
  const button = event.submitter;
  const isRow = button.value.startsWith("row-off:"); // rows have no name: rather none than another one
  presses.set(event, isRow ? () => (button.isConnected ? button.value : "look") : inItsTurn(button.value));
}, { capture: true });

/* By itself htmx sends the button that was pressed last, which need not be the one whose turn it is. */
form.addEventListener("htmx:configRequest", ({ detail }) => {
  const button = detail.elt === form && detail.triggeringEvent?.submitter;
  if (!button) return;
  detail.path = button.getAttribute("formaction") ?? form.getAttribute("hx-post");
  for (const name of PRESSED) detail.formData.delete(name);
  if (button.name) detail.formData.set(button.name, presses.get(detail.triggeringEvent)?.() ?? button.value);
  const click = clicks.get(detail.triggeringEvent);
  if (click) detail.formData.set("click", click);
});

// --- answers that were overtaken ----------------------------------------------------------------------------------------------
let turn = 0; // how often something was done
let underWay = false;
const askedIn = new WeakMap(); // the turn in which something was asked, by request
const toAsk = new Set();

function askAgain() {
  if (underWay) return;
  for (const element of toAsk) {
    if (element === check) htmx.trigger(check, "studio:recheck");
    else document.getElementById("pool-name").dispatchEvent(new Event("search", { bubbles: true }));
  }
  toAsk.clear();
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, xhr, requestConfig } = event.detail;
  if (elt.matches(DOES)) {
    turn += 1;
    underWay = true;
    settings.clear();
    prompt().readOnly = REPLACES_PROMPT.test(requestConfig.formData.get("do"));
  } else if (elt.matches(ASKS)) {
    askedIn.set(xhr, turn);
    if (!underWay) return;
    event.preventDefault();
    toAsk.add(elt);
  }
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if ((askedIn.get(detail.xhr) ?? turn) === turn) return;
  detail.shouldSwap = false;
  toAsk.add(detail.requestConfig.elt);
  setTimeout(askAgain); // once this one is over
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.elt.matches(DOES)) return;
  underWay = false;
  prompt().readOnly = false;
  setTimeout(askAgain); // after whoever waits for a turn
});

// --- what is set while an answer is on its way --------------------------------------------------------------------------------
const settings = new Set(); // since the turn that is under way began: the controls, which its answer draws anew
const prompt = () => document.getElementById("studio-prompt");
const numberOf = (control) => (control.dataset.slides ? document.getElementById(control.dataset.slides) : control);

form.addEventListener("input", ({ target }) => {
  if (underWay && target !== prompt()) settings.add(numberOf(target));
}, { capture: true });

document.addEventListener("htmx:oobBeforeSwap", ({ target, detail }) => {
  for (const control of settings) {
    if (!control.id || !target.contains(control)) continue;
    const fresh = detail.fragment.querySelector(`#${CSS.escape(control.id)}`);
    if (!fresh || (fresh.options && ![...fresh.options].some(({ value }) => value === control.value))) continue;
    if ("checked" in control) fresh.checked = control.checked;
    if (!["checkbox", "radio"].includes(control.type)) fresh.value = control.value;
    const slider = detail.fragment.querySelector(`[data-slides="${CSS.escape(control.id)}"]`);
    if (slider) slider.value = control.value;
    toAsk.add(check);
  }
});

// --- what was said of a press that sent nothing -----------------------------------------------------------------------------------
let isNoticeNews = false; // until somebody does something: an answer that only asks must not wipe it away unread

document.addEventListener("studio:refused", () => (isNoticeNews = true));
for (const name of ["input", "submit"]) form.addEventListener(name, () => (isNoticeNews = false), { capture: true });

document.addEventListener("htmx:oobBeforeSwap", ({ target, detail }) => {
  const notice = isNoticeNews && target.querySelector("#bill-notice");
  const button = notice && detail.fragment.querySelector("#studio-generate");
  if (!button || detail.fragment.querySelector("#bill-notice")) return;
  button.before(notice);
  button.setAttribute("aria-describedby", notice.id);
});
