// The studio was opened past the tray: what is picked and not attached is offered.
import { look } from "./studio.js";
import { picked } from "./tray.js";

document.addEventListener("studio:ready", ({ detail }) => {
  const attached = new Set([...document.querySelectorAll("#studio-slots .reference")].map((each) => each.dataset.identity));
  const ids = picked().filter((id) => !attached.has(id));
  if (!ids.length || !detail.isOwn) return;
  const isOne = ids.length === 1;
  const text = isOne ? "One picked asset is not attached." : `${ids.length} picked assets are not attached.`;
  const button = { label: isOne ? "Attach it" : "Attach them", press: () => look({ do: `pick:${ids.join(",")}` }) };
  document.dispatchEvent(new CustomEvent("castboard:toast", { detail: { text, button } }));
});
