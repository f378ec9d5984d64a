// Files: dropped anywhere, chosen, or pasted as a picture. Several at once, each with its progress, cancel and retry. What is too
// big is said before anything is sent. A text or CSV file is a paste: the server reads it.
import { cookie, isAnothers, ownKey, shownTo } from "./person.js";

const panel = document.getElementById("uploads");
const list = panel.querySelector("ol");
const pattern = panel.querySelector("template");
const chooser = document.getElementById("files");
const overlay = document.getElementById("drop");
const AT_ONCE = 3;
const MEGABYTE = 1024 * 1024;
const LINGER = 8000; // milliseconds that a list of nothing but successes stays
const GOING = ["waiting", "sending"];

const uploads = [];
let closing;

// --- one file --------------------------------------------------------------------------------------------------------------
class Upload {
  /* `slot`: the one of the studio's slots on which it was let down, if it was one. */
  constructor(file, slot = "") {
    this.file = file;
    this.slot = slot;
    this.row = pattern.content.firstElementChild.cloneNode(true);
    this.part("name").textContent = file.name;
    this.part("name").title = file.name;
    this.part("cancel").setAttribute("aria-label", `Cancel ${file.name}`);
    this.part("retry").setAttribute("aria-label", `Retry ${file.name}`);
    this.part("cancel").addEventListener("click", () => this.cancel());
    this.part("retry").addEventListener("click", () => this.retry());
    list.append(this.row);
    const problem = tooBig(file);
    this.is(problem ? "refused" : "waiting", problem || "waiting");
  }

  part(name) {
    return this.row.querySelector(`[data-${name}]`);
  }

  is(state, note, link) {
    this.state = state;
    this.row.dataset.state = state;
    const words = link ? document.createElement("a") : document.createElement("span");
    if (link) words.href = link;
    words.textContent = note;
    this.part("note").replaceChildren(words);
    this.part("cancel").hidden = !GOING.includes(state);
    this.part("retry").hidden = state !== "failed";
    this.row.querySelector("progress").hidden = !GOING.includes(state);
    sum();
  }

  send() {
    this.is("sending", "0 %");
    const form = new FormData();
    form.append("file", this.file, this.file.name);
    for (const field of givenToAll()) form.append(field.name, field.value);
    const request = (this.request = new XMLHttpRequest());
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      this.row.querySelector("progress").value = loaded / total;
      this.part("note").textContent = loaded < total ? `${Math.floor((100 * loaded) / total)} %` : "storing";
    });
    request.addEventListener("load", () => this.heard(request));
    request.addEventListener("error", () => this.is("failed", "The connection broke."));
    request.addEventListener("abort", () => this.is("cancelled", "cancelled"));
    request.addEventListener("loadend", next);
    request.open("POST", panel.dataset.url);
    request.setRequestHeader("X-CSRFToken", (!isAnothers() && cookie("csrftoken")) || "");
    request.setRequestHeader("X-Shown-To", shownTo);
    request.setRequestHeader("Accept", "application/json");
    request.send(form);
  }

  heard(request) {
    let said = {};
    try {
      said = JSON.parse(request.responseText);
    } catch {
      said = { problem: request.responseURL.includes("/login/") ? "You are signed out." : "The server could not take it." };
    }
    if (said.asset) {
      this.is("done", [said.known ? `Here already: ${said.name}` : "Added", said.given].filter(Boolean).join(" · "), said.url);
      document.dispatchEvent(new CustomEvent("castboard:changed"));
      document.dispatchEvent(new CustomEvent("castboard:uploaded", { detail: { asset: said.asset, slot: this.slot } }));
    } else {
      const forGood = [413, 415].includes(request.status);
      this.is(forGood ? "refused" : "failed", said.problem);
    }
  }

  cancel() {
    if (this.state === "sending") this.request.abort();
    else this.is("cancelled", "cancelled");
  }

  retry() {
    this.is("waiting", "waiting");
    next();
  }
}

/* What stands on the board for all that is registered from its list is for files that are added meanwhile as well. */
const givenToAll = () => document.querySelectorAll("#candidates-form :is([name=tags], [name=collection], [name=kind])");

function tooBig(file) {
  const type = file.type.split("/")[0];
  const most = Number(panel.dataset[type] ?? panel.dataset.video);
  if (file.size <= most) return "";
  const size = (file.size / MEGABYTE).toFixed(1);
  return `${size} MB; the provider takes ${most / MEGABYTE} MB${panel.dataset[type] ? ` of ${type}` : ""} at most`;
}

// --- all of them -----------------------------------------------------------------------------------------------------------
function next() {
  const sending = uploads.filter(({ state }) => state === "sending").length;
  uploads.filter(({ state }) => state === "waiting").slice(0, AT_ONCE - sending).forEach((upload) => upload.send());
}

function sum() {
  const count = (...states) => uploads.filter(({ state }) => states.includes(state)).length;
  const going = count(...GOING);
  const failed = count("failed");
  const parts = [
    [going, "to go"],
    [count("done"), "done"],
    [failed + count("refused"), "not taken"],
  ];
  panel.querySelector("[data-sum]").textContent = parts.filter(([number]) => number).map((words) => words.join(" ")).join(", ");
  panel.querySelector("[data-retry-failed]").hidden = !failed;
  panel.querySelector("[data-close]").hidden = going > 0;
  panel.hidden = !uploads.length;
  clearTimeout(closing);
  if (uploads.length && count("done", "cancelled") === uploads.length) closing = setTimeout(close, LINGER);
}

function close() {
  uploads.length = 0;
  list.replaceChildren();
  sum();
}

function take(files, slot) {
  const texts = files.filter((file) => /\.(txt|csv|tsv)$/i.test(file.name) || file.type.startsWith("text/"));
  for (const file of files) if (!texts.includes(file)) uploads.push(new Upload(file, slot));
  sum();
  next();
  if (texts.length) paste(texts);
}

/* By its byte order mark; else UTF-8, and what is none as sheets write it on Windows. */
function decoded(bytes) {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/* Text files go, as they are, where links are pasted, on this page or on the board. */
async function paste(files) {
  const texts = await Promise.all(files.map(async (file) => decoded(await file.arrayBuffer())));
  const box = document.getElementById("urls");
  const key = ownKey("draft-paste");
  const before = box ? box.value : localStorage.getItem(key) ?? "";
  const all = [before, ...texts].map((text) => text.trim()).filter(Boolean).join("\n");
  if (!box) {
    localStorage.setItem(key, `${all}\n`);
    location.assign(panel.dataset.board);
    return;
  }
  box.value = `${all}\n`;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}

panel.querySelector("[data-retry-failed]").addEventListener("click", () => {
  uploads.filter(({ state }) => state === "failed").forEach((upload) => upload.is("waiting", "waiting"));
  next();
});
panel.querySelector("[data-close]").addEventListener("click", close);

// --- where files come from -------------------------------------------------------------------------------------------------
const holdsFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
let depth = 0;

document.addEventListener("dragenter", (event) => {
  if (!holdsFiles(event)) return;
  depth += 1;
  overlay.hidden = false;
});

document.addEventListener("dragleave", (event) => {
  if (!holdsFiles(event)) return;
  depth -= 1;
  if (depth <= 0) overlay.hidden = true;
});

document.addEventListener("dragover", (event) => {
  if (holdsFiles(event)) event.preventDefault();
});

document.addEventListener("drop", (event) => {
  depth = 0;
  overlay.hidden = true;
  if (!holdsFiles(event)) return;
  event.preventDefault();
  take([...event.dataTransfer.files], event.target.closest?.("[data-slot]")?.dataset.slot);
});

document.addEventListener("paste", ({ clipboardData }) => {
  const pictures = [...clipboardData.files].filter(({ type }) => type.startsWith("image/"));
  if (!pictures.length || clipboardData.types.includes("text/plain")) return;
  const time = new Date().toTimeString().slice(0, 8).replaceAll(":", ".");
  take(pictures.map((file) => new File([file], `Pasted ${time}.${file.type.split("/")[1]}`, { type: file.type })));
});

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-choose-files]")) chooser.click();
});

chooser.addEventListener("change", () => {
  take([...chooser.files]);
  chooser.value = "";
});

// Leaving now would lose what is still being sent.
window.addEventListener("beforeunload", (event) => {
  if (uploads.some(({ state }) => GOING.includes(state))) event.preventDefault();
});
