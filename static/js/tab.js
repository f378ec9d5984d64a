// The tab says how much is under way and whether something needs a person, in its title and its icon. The live poll counts.
const title = document.title;
const icon = document.getElementById("favicon");
const plain = icon.getAttribute("href");

function show() {
  const counted = document.getElementById("live")?.dataset;
  if (!counted) return;
  const under_way = Number(counted.inFlight);
  const attention = Number(counted.attention);
  const words = `${attention ? "! " : ""}${under_way ? `(${under_way}) ` : ""}${title}`;
  if (document.title !== words) document.title = words;
  const drawing = attention ? icon.dataset.attention : under_way ? icon.dataset.busy : plain;
  if (icon.getAttribute("href") !== drawing) icon.setAttribute("href", drawing);
}

document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id === "live") show();
});

show();
