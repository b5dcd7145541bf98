// Starts Blazor so that it never gives up, and holds what works without it: whether the page is live, the colours, and copying.
(() => {
  const root = document.documentElement;
  const silentAfter = 5000;
  let heardAt = 0;

  // The server writes a beat into the page at least once a second. Only while it comes are the numbers said to be live.
  function heard() {
    heardAt = Date.now();
    root.dataset.feed = "listening";
  }

  new MutationObserver(heard).observe(document.body, { subtree: true, attributeFilter: ["data-beat"] });
  setInterval(() => {
    if (root.dataset.feed === "listening" && Date.now() - heardAt > silentAfter) {
      root.dataset.feed = "silent";
    }
  }, 1000);

  // A screen reader is told of news unless its reader has silenced them.
  function showQuiet() {
    root.dataset.quiet = localStorage.getItem("taproom-quiet") ?? "false";
    document.querySelector("[data-quiet-toggle]")?.setAttribute("aria-pressed", root.dataset.quiet);
    document.getElementById("announcer")?.setAttribute("aria-live", root.dataset.quiet === "true" ? "off" : "polite");
  }

  // The trace of each pour is for who looks after the system, not for who looks after the bar.
  function showTechnical() {
    root.dataset.technical = localStorage.getItem("taproom-technical") ?? "false";
    document.querySelector("[data-technical-toggle]")?.setAttribute("aria-pressed", root.dataset.technical);
  }

  // A wall's screen stays on. The browser ends that by itself whenever the page is hidden.
  async function keepAwake() {
    if (document.querySelector(".wall") && document.visibilityState === "visible") {
      await navigator.wakeLock?.request("screen").catch(() => {});
    }
  }

  document.addEventListener("visibilitychange", keepAwake);

  function show() {
    showQuiet();
    showTechnical();
    keepAwake();
  }

  const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

  // What was typed goes over into the page that a new server makes: into fields whose label no other has, and nothing that is secret. Not choices:
  // some of them are carried out at once.
  const typed = new Set();
  const typable = "main :is(textarea, input):not([type=password], [type=file], [type=checkbox], [type=radio])";
  const labelOf = field => field.labels?.[0]?.textContent.trim() ?? field.name;
  const labelled = label => [...document.querySelectorAll(typable)].filter(field => labelOf(field) === label);

  document.addEventListener("input", event => event.target.matches?.(typable) && typed.add(event.target));

  function keepTyped() {
    const fields = [...typed].filter(field => field.isConnected && field.value !== "" && labelled(labelOf(field)).length === 1);
    sessionStorage.setItem("taproom-typed", JSON.stringify({ page: location.href, fields: fields.map(field => [labelOf(field), field.value]) }));
  }

  async function typeAgain() {
    let { page, fields } = JSON.parse(sessionStorage.getItem("taproom-typed") ?? "{}");
    sessionStorage.removeItem("taproom-typed");
    // Some parts of a page come later than others.
    for (let tries = 0; page === location.href && fields.length > 0 && tries < 40; tries++) {
      fields = fields.filter(([label, value]) => {
        const [field, other] = labelled(label);
        if (!field || other || field.disabled) {
          return true;
        }
        if (!typed.has(field)) {
          field.value = value;
          field.dispatchEvent(new Event("input", { bubbles: true }));
          field.dispatchEvent(new Event("change", { bubbles: true }));
        }
        return false;
      });
      await pause(250);
    }
  }

  window.taproom = {
    // Who is signed in in this browser by now, encrypted for the server.
    async session() {
      return (await fetch("session", { cache: "no-store" })).text();
    },
    moved(main) {
      main.focus({ preventScroll: true });
      show();
    },
    opened() {
      heard();
      show();
      typeAgain();
      return Intl.DateTimeFormat().resolvedOptions().timeZone;
    },
  };

  async function reloadWhenReachable() {
    // A page that is reloaded while its server is away is lost to the browser's own error page.
    for (;;) {
      try {
        if ((await fetch("alive", { cache: "no-store" })).ok) {
          keepTyped();
          location.reload();
          return;
        }
      } catch {
        // Still away.
      }
      await pause(500);
    }
  }

  const banner = document.getElementById("components-reconnect-modal");
  banner.addEventListener("components-reconnect-state-changed", event => {
    if (event.detail.state !== "hide") {
      root.dataset.feed = "connecting";
    }
    // The server is a new one and does not know this page any more.
    if (["rejected", "failed", "resume-failed"].includes(event.detail.state)) {
      reloadWhenReachable();
    }
  });

  // The page is here as a whole; what comes into it from now on is drawn by Blazor (head.js).
  document.dispatchEvent(new Event("taproom:start"));
  Blazor.start({
    circuit: {
      reconnectionOptions: {
        maxRetries: 1_000_000,
        retryIntervalMilliseconds: attempt => Math.min(250 * 2 ** Math.min(attempt, 5), 3000),
      },
    },
  });

  async function copy(button) {
    const text = button.dataset.copy;
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
    } else {
      // Browsers keep the clipboard from pages of plain http that are not on this machine.
      const field = Object.assign(document.createElement("textarea"), { value: text, className: "unseen" });
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
      button.focus();
    }
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1200);
  }

  // What the server must know to write the page: language and units.
  document.addEventListener("change", event => {
    const choice = event.target.closest("[data-cookie]");
    if (choice) {
      document.cookie = `${choice.dataset.cookie}=${choice.value}; path=/; max-age=31536000; samesite=lax`;
      location.reload();
    }
  });

  document.addEventListener("click", event => {
    const button = event.target.closest("[data-copy]");
    if (button) {
      copy(button);
    } else if (event.target.closest("[data-quiet-toggle]")) {
      localStorage.setItem("taproom-quiet", root.dataset.quiet === "true" ? "false" : "true");
      showQuiet();
    } else if (event.target.closest("[data-technical-toggle]")) {
      localStorage.setItem("taproom-technical", root.dataset.technical === "true" ? "false" : "true");
      showTechnical();
    } else if (event.target.closest("[data-theme-toggle]")) {
      const isDark = getComputedStyle(root).getPropertyValue("--is-dark").trim() === "1";
      root.dataset.theme = isDark ? "light" : "dark";
      localStorage.setItem("taproom-theme", root.dataset.theme);
    }
  });
})();
