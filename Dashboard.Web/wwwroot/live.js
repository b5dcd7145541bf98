// Listens to the hub for the live page.

const refreshEvery = 100;
const announceEvery = 4000;

export const utcOffsetMinutes = () => -new Date().getTimezoneOffset();

// What a screen reader is told: of one, and of several that came within a few seconds.
const sentences = {
  pour: {
    one: pour => `Tap ${pour.tapId} poured a ${pour.glass} of ${pour.volumeMl} millilitres.`,
    several: pours => {
      const taps = new Set(pours.map(pour => pour.tapId)).size;
      return `${pours.length} pours at ${taps} ${taps === 1 ? "tap" : "taps"}.`;
    },
  },
  message: { one: message => `Message: ${message.text}`, several: messages => `${messages.length} messages.` },
  event: { one: event => `Event: ${event.text}`, several: events => `${events.length} events, the last: ${events.at(-1).text}` },
};

const nothing = () => ({ pour: [], message: [], event: [] });

/** Listens until stop() is called, has the component show what has come, and tells a screen reader of the announced kinds. */
export function listen(hubUrl, component, announced) {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl(hubUrl)
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: retry => Math.min(250 * 2 ** Math.min(retry.previousRetryCount, 5), 3000) })
    .configureLogging(signalR.LogLevel.None)
    .build();
  let stopped = false;
  let timer = 0;
  let refreshing = false;
  let unseen = false;
  let unannounced = nothing();
  let announcing = 0;

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
    const kinds = announced.filter(kind => unannounced[kind].length > 0);
    if (kinds.length === 0 || announcing) {
      return;
    }
    document.getElementById("announcer").textContent = kinds
      .map(kind => unannounced[kind].length === 1 ? sentences[kind].one(unannounced[kind][0]) : sentences[kind].several(unannounced[kind]))
      .join(" ");
    unannounced = nothing();
    announcing = setTimeout(() => {
      announcing = 0;
      announce();
    }, announceEvery);
  }

  for (const kind of Object.keys(sentences)) {
    connection.on(kind, frame => {
      if (announced.includes(kind) && unannounced[kind].length < 10_000) {
        unannounced[kind].push(frame);
      }
      if (kind === "pour") {
        mark(frame.tapId);
      }
      refreshSoon();
    });
  }
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
      clearTimeout(announcing);
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
