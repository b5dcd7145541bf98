// In the head and not deferred: what has to be done before the page is seen.
(() => {
  // The chosen colours.
  const stored = localStorage.getItem("taproom-theme");
  if (stored === "light" || stored === "dark") {
    document.documentElement.dataset.theme = stored;
  }

  // What is typed into a page before its server listens would be lost, because Blazor draws the page anew then. So its fields are disabled as they
  // come in, which a screen reader says too; those that Blazor draws are not. Forms that are posted work without it and are left alone.
  const fields = "main :is(input, select, textarea, button)";
  const waiting = new MutationObserver(() => {
    for (const field of document.querySelectorAll(`${fields}:enabled`)) {
      field.disabled = !field.closest("form[method=post]");
    }
  });
  waiting.observe(document, { childList: true, subtree: true });
  document.addEventListener("taproom:start", () => waiting.disconnect());
})();
