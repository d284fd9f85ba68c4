// What is on screen follows the ledger. Without this script every page shows the same, as of its loading.
"use strict";

(() => {
  const status = document.getElementById("live");
  const main = () => document.querySelector("main[data-live]");
  if (!status || !main() || !window.EventSource) return;

  const NOTICE = ':scope > .notice[role="status"]';
  const [FIRST, LONGEST, RETRY, MINUTE] = [1000, 30000, 5000, 60000]; // milliseconds
  let source = null; // the stream, while one is open or opening
  let coming = 0; // the timer of the next one
  let pause = FIRST;
  let wanted = 0; // how often the page had a reason to be fetched again
  let shown = 0; // up to which of them it shows
  let fetching = false;

  // A browser gives up on a stream that is refused, and allows few at once: this one comes back, ever less
  // often, and is there only while somebody can see the page.
  function open() {
    close();
    if (document.hidden) return;
    source = new EventSource(`/live?about=${encodeURIComponent(main().dataset.live)}`);
    // What has changed since the page was read, and before the stream began, no event will tell.
    source.addEventListener("hello", ({ data }) => {
      pause = FIRST;
      if (data !== main().dataset.seen) changed();
      say(shown === wanted ? "live" : status.dataset.state);
    });
    source.addEventListener("change", changed);
    source.addEventListener("error", () => {
      close();
      // Streams end now and then; what cannot be opened again is lost.
      if (pause > FIRST) say("lost");
      coming = setTimeout(() => { changed(); open(); }, pause);
      pause = Math.min(2 * pause, LONGEST);
    });
  }

  function close() {
    source?.close();
    source = null;
    clearTimeout(coming);
  }

  function changed() {
    wanted += 1;
    refresh();
  }

  // One fetch at a time; what changes meanwhile causes one more after it, and what fails is tried again.
  async function refresh() {
    if (shown === wanted || fetching || document.hidden || typing()) return;
    fetching = true;
    const now = wanted;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin", signal: AbortSignal.timeout(LONGEST) });
      if (answer.redirected || [401, 403, 404].includes(answer.status)) { location.reload(); return; }
      if (!answer.ok) throw new Error(answer.statusText);
      const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main[data-live]");
      if (typing()) return;
      if (next) replace(next);
      shown = now;
      if (source?.readyState === EventSource.OPEN) say("live");
    } catch {
      say("lost");
    } finally {
      fetching = false;
    }
    if (shown === now) refresh();
  }

  // Whoever types, or has typed into a form that is still open, keeps it: the page waits for them.
  function typing() {
    const fields = [...main().querySelectorAll("input:not([type=hidden]), select, textarea")];
    return fields.some((each) => each === document.activeElement
      || (filled(each) && !each.closest("details:not([open])")));
  }

  function filled(field) {
    if (field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.localName !== "select") return field.value !== field.defaultValue;
    return field.selectedIndex !== Math.max(0, [...field.options].findIndex((each) => each.defaultSelected));
  }

  // Parts that are open stay so, boxes stay where they were scrolled to, and the focus stays; so does what came
  // of the last act, which is said once.
  function replace(next) {
    const now = main();
    const opened = [...now.querySelectorAll("details[open][id]")].map((each) => each.id);
    const boxes = [...now.querySelectorAll(".map, .scroll")].map((each) => [label(each), each.scrollLeft]);
    const focused = now.contains(document.activeElement) ? named(document.activeElement) : null;
    const notice = now.querySelector(NOTICE);
    now.innerHTML = next.innerHTML;
    if (notice && !now.querySelector(NOTICE)) now.prepend(notice);
    now.dataset.seen = next.dataset.seen;
    opened.forEach((id) => { document.getElementById(id)?.setAttribute("open", ""); });
    boxes.forEach(([selector, left]) => { const box = now.querySelector(selector); if (box) box.scrollLeft = left; });
    if (focused) now.querySelector(focused)?.focus({ preventScroll: true });
  }

  function named(element) {
    const part = element.localName === "summary" ? element.parentElement : element;
    const name = ["id", "href", "formaction", "name", "aria-label"].find((each) => part.getAttribute(each));
    if (!name) return null;
    const found = `${part.localName}[${name}="${CSS.escape(part.getAttribute(name))}"]`;
    return part === element ? found : `${found} > summary`;
  }

  function label(box) {
    return `[aria-label="${CSS.escape(box.getAttribute("aria-label"))}"]`;
  }

  function say(state) {
    if (!state || status.dataset.state === state) return;
    status.dataset.state = state;
    status.textContent = status.dataset[state];
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { close(); return; }
    open();
    changed();
  });
  document.addEventListener("focusout", () => setTimeout(refresh));
  document.addEventListener("toggle", () => setTimeout(refresh), true);
  setInterval(refresh, RETRY);
  setInterval(changed, MINUTE);
  open();
})();
