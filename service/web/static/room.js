// What is on screen follows the ledger. Without this script every page shows the same, as of its loading.
"use strict";

(() => {
  const status = document.getElementById("live");
  const main = () => document.querySelector("main[data-live]");
  if (!status || !main() || !window.EventSource) return;

  const source = new EventSource(`/live?about=${encodeURIComponent(main().dataset.live)}`);
  let fetching = false;
  let asked = false;

  // One fetch at a time; what changes meanwhile causes one more after it.
  async function refresh() {
    if (fetching) { asked = true; return; }
    fetching = true;
    try {
      do {
        asked = false;
        const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
        if (answer.redirected || answer.status === 401) { location.reload(); return; }
        if (!answer.ok) continue;
        const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main[data-live]");
        if (next) replace(next);
      } while (asked);
    } catch {
      // The stream says that the connection is lost, and tells again when it is back.
    } finally {
      fetching = false;
    }
  }

  // Whoever types into a form or opened a part keeps it: those parts stay as they are.
  function replace(next) {
    const now = main();
    if (now.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) { asked = false; return; }
    const opened = [...now.querySelectorAll("details[open][id]")].map((part) => part.id);
    const focused = document.activeElement?.id;
    now.innerHTML = next.innerHTML;
    opened.forEach((id) => { document.getElementById(id)?.setAttribute("open", ""); });
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  source.addEventListener("open", () => { say("live"); });
  source.addEventListener("error", () => { say("lost"); });
  source.addEventListener("change", refresh);

  function say(state) {
    if (status.dataset.state === state) return;
    status.dataset.state = state;
    status.textContent = status.dataset[state];
  }
})();
