// Takes of one press of the button share a frame as long as they are neighbours. The server draws it; news that the live poll
// places, and cards that leave, move its ends.
const list = () => document.getElementById("films");
const wall = document.querySelector("[data-wall]");

function frame() {
  const cards = [...(list()?.querySelectorAll(".film") ?? [])];
  cards.forEach((card, at) => {
    const set = card.dataset.set;
    card.toggleAttribute("data-begins", Boolean(set) && cards[at - 1]?.dataset.set !== set);
    card.toggleAttribute("data-ends", Boolean(set) && cards[at + 1]?.dataset.set !== set);
  });
  for (const card of cards.filter((each) => "begins" in each.dataset)) offer(card, neighbours(cards, card));
}

const neighbours = (cards, first) => cards.slice(cards.indexOf(first)).filter((card) => card.dataset.set === first.dataset.set);

/* Up to four that can be played are compared with one press. */
function offer(card, takes) {
  const link = card.querySelector("[data-compare-set]");
  const saved = takes.filter((take) => take.dataset.play).slice(0, 4);
  if (!link) return;
  link.hidden = saved.length < 2;
  link.href = comparison(saved.map((take) => take.dataset.generation));
}

const comparison = (ids) => `${wall.dataset.compareUrl}?${new URLSearchParams(ids.map((id) => ["film", id]))}`;

// --- the bar: two to four that can be played ---
const compare = () => wall.querySelector("[data-compare]");

wall.addEventListener("castboard:selected", ({ detail }) => {
  const cards = detail.boxes.map((box) => box.closest(".film"));
  const button = compare();
  if (button) button.hidden = detail.all || cards.length < 2 || cards.length > 4 || !cards.every((card) => card.dataset.play);
});

wall.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-compare]")) return;
  const ids = [...wall.querySelectorAll("[data-select]:checked")].map((box) => box.value);
  location.assign(comparison(ids));
});

new MutationObserver(frame).observe(wall, { childList: true, subtree: true });
frame();
