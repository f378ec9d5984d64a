// Between press and release nothing is exchanged under the finger: the click would be lost. An answer waits for the release.
const LONGEST = 2000; // milliseconds: a release outside the window is never heard of
let released; // null while nothing is pressed

document.addEventListener("pointerdown", () => {
  const press = new Promise((resolve) => {
    setTimeout(resolve, LONGEST);
    for (const name of ["pointerup", "pointercancel", "dragend"]) document.addEventListener(name, resolve, { capture: true, once: true });
  });
  released = press;
  press.then(() => released === press && (released = null));
}, { capture: true });

document.addEventListener("htmx:beforeRequest", ({ detail: { xhr } }) => {
  const land = xhr.onload;
  // A task later: the click comes right after the release.
  xhr.onload = () => (released ? released.then(() => setTimeout(() => land.call(xhr))) : land.call(xhr));
});
