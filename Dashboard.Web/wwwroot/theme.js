// In the head and not deferred, so that a page in the chosen colours is the first thing seen.
(() => {
  const stored = localStorage.getItem("taproom-theme");
  if (stored === "light" || stored === "dark") {
    document.documentElement.dataset.theme = stored;
  }
})();
