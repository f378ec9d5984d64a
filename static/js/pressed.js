// Between press and release nothing is exchanged under the finger: the click would be lost. An answer waits for the release.
let released; // null while nothing is pressed

/* Kept with the release, or with the first sign of one that was not heard of, because a menu or another window had it. */
function release() {
  return new Promise((resolve) => {
    const heard = new AbortController();
    const done = () => {
      heard.abort();
      resolve();
    };
    const first = { capture: true, signal: heard.signal };
    for (const name of ["pointerup", "pointercancel", "dragend"]) document.addEventListener(name, done, first);
    document.addEventListener("pointermove", ({ buttons }) => buttons || done(), first);
    window.addEventListener("blur", done, { signal: heard.signal });
  });
}

document.addEventListener("pointerdown", ({ button }) => {
  if (button) return;
  const press = release();
  released = press;
  press.then(() => released === press && (released = null));
}, { capture: true });

document.addEventListener("htmx:beforeRequest", ({ detail: { xhr } }) => {
  const land = xhr.onload;
  // A task later: the click comes right after the release.
  xhr.onload = () => (released ? released.then(() => setTimeout(() => land.call(xhr))) : land.call(xhr));
});
