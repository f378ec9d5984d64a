// The second half of a double click never spends: the page may have moved another film's button under the pointer by then.
const SPENDS = '[form="making"]';

document.addEventListener(
  "click",
  (event) => {
    if (event.detail < 2 || !event.target.closest(SPENDS)) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
