// What somebody else saved shows in the fields in which this person has changed nothing; the others say so when they are saved.
const valueOf = (id) => {
  const field = document.querySelector(`#${id} input[name=shown]`);
  return field ? JSON.parse(field.value) : null;
};

document.addEventListener("castboard:placed", ({ detail }) => {
  if (!detail.elements.some(({ id }) => id === "asset-now")) return;
  const now = valueOf("asset-now");
  const shown = valueOf("asset-shown");
  if (!now || !shown) return; // who only looks has no fields
  const { elements } = document.querySelector("form.say");
  for (const [name, value] of Object.entries(now)) {
    const field = elements[name];
    if (!field || field === document.activeElement || value === shown[name] || field.value.trim() !== shown[name]) continue;
    field.value = value;
    shown[name] = value;
    document.querySelector("#asset-shown input[name=shown]").setAttribute("value", JSON.stringify(shown));
  }
});
