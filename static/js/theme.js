// Runs before anything is painted, so that the remembered theme never flashes in late.
(() => {
  const remembered = localStorage.getItem("castboard:theme");
  if (remembered) document.documentElement.dataset.theme = remembered;

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const root = document.documentElement;
    const systemIsDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : systemIsDark;
    root.dataset.theme = isDark ? "light" : "dark";
    localStorage.setItem("castboard:theme", root.dataset.theme);
  });
})();
