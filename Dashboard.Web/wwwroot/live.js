// Listens to the hub for the live page.

const refreshEvery = 100;
const announceEvery = 4000;

export const utcOffsetMinutes = () => -new Date().getTimezoneOffset();

/** Listens until stop() is called, and has the component show what has come. */
export function listen(hubUrl, component) {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl(hubUrl)
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: retry => Math.min(250 * 2 ** Math.min(retry.previousRetryCount, 5), 3000) })
    .configureLogging(signalR.LogLevel.None)
    .build();
  let stopped = false;
  let timer = 0;
  let refreshing = false;
  let unseen = false;
  let unannounced = [];
  let announcedAt = 0;

  function show(state) {
    document.documentElement.dataset.feed = state;
  }

  // One refresh at a time, however many frames come: a slow page shows less often instead of falling behind.
  function refreshSoon() {
    unseen = true;
    if (!timer && !refreshing && !document.hidden) {
      timer = setTimeout(refresh, refreshEvery);
    }
  }

  async function refresh() {
    timer = 0;
    unseen = false;
    refreshing = true;
    try {
      await component.invokeMethodAsync("Refresh");
      announce();
    } catch {
      // The circuit is away; Blazor says so and reconnects.
    }
    refreshing = false;
    if (unseen && !stopped) {
      refreshSoon();
    }
  }

  function announce() {
    if (unannounced.length === 0 || Date.now() - announcedAt < announceEvery) {
      return;
    }
    const taps = new Set(unannounced.map(pour => pour.tapId));
    const last = unannounced.at(-1);
    document.getElementById("announcer").textContent = unannounced.length === 1
      ? `Tap ${last.tapId} poured a ${last.glass} of ${last.volumeMl} millilitres.`
      : `${unannounced.length} pours at ${taps.size} ${taps.size === 1 ? "tap" : "taps"}.`;
    unannounced = [];
    announcedAt = Date.now();
  }

  connection.on("pour", pour => {
    if (unannounced.length < 10_000) {
      unannounced.push(pour);
    }
    mark(pour.tapId);
    refreshSoon();
  });
  connection.on("stored", refreshSoon);
  connection.on("deleted", refreshSoon);
  connection.onreconnecting(() => show("connecting"));
  connection.onreconnected(() => {
    show("listening");
    refreshSoon();
  });
  connection.onclose(() => connect());

  async function connect() {
    while (!stopped) {
      show("connecting");
      try {
        await connection.start();
        show("listening");
        refreshSoon();
        return;
      } catch {
        await new Promise(resolve => setTimeout(resolve, 1000));
      }
    }
  }

  const onVisible = () => unseen && refreshSoon();
  document.addEventListener("visibilitychange", onVisible);
  connect();

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
      await connection.stop();
    },
  };
}

/** Lights up a tap's card, unless its owner does not want movement or it is lit already. */
function mark(tapId) {
  const card = document.querySelector(`[data-tap="${Number(tapId)}"]`);
  if (card && !document.hidden && card.getAnimations().length === 0 && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
    card.animate([{ boxShadow: "0 0 0 3px var(--amber)" }, { boxShadow: "0 0 0 12px transparent" }], { duration: 900, easing: "ease-out" });
  }
}
