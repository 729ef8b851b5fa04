// Parts of a page that fetch themselves anew when the stream names what they show, or each few seconds without one.
"use strict";
(() => {
  const POLL_SECONDS = 5, QUIET_SECONDS = 30, RECONNECT_SECONDS = 60, GAP_SECONDS = 1;
  const stream = document.getElementById("live");
  const state = document.getElementById("live-state");
  const words = document.getElementById("live-words");
  const toggle = document.getElementById("live-toggle");
  if (!window.htmx || !stream || !state || !document.querySelector("[data-live]")) return;

  const began = Date.now();
  let paused = false, streaming = false, failing = false, heard = Date.now(), tried = Date.now();
  const asked = new WeakMap();
  const tags = new WeakMap();
  const wanted = new Set();
  state.hidden = false;

  // Nothing moves under the pointer, the focus or a selection, nor while a dialog is open or a row is chosen.
  const isHeld = (part) =>
    document.querySelector("dialog[open]") !== null ||
    (part.contains(document.activeElement) && document.activeElement !== document.body) ||
    part.querySelector(":is(tr, li, a, button, summary, [data-hold]):hover") !== null ||
    (!document.getSelection().isCollapsed && part.contains(document.getSelection().anchorNode)) ||
    part.querySelector("details[open] pre:hover, input[type=checkbox]:checked") !== null;

  const refresh = (part) => {
    asked.set(part, Date.now());
    wanted.delete(part.id);
    htmx.trigger(part, "refresh");
  };
  const parts = (topic) => [...document.querySelectorAll("[data-live]")].filter(
    (part) => topic === null || part.dataset.live.split(" ").includes(topic));
  const changed = (topic) => { for (const part of parts(topic)) wanted.add(part.id); };

  const TOPICS = new Set(parts(null).flatMap((part) => part.dataset.live.split(" ")));
  for (const topic of TOPICS) stream.addEventListener(topic, () => changed(topic));
  stream.addEventListener("htmx:sse:after:connection", () => { streaming = true; failing = false; heard = Date.now(); });
  for (const end of ["htmx:sse:close", "htmx:sse:error", "htmx:sse:before:connection"]) {
    stream.addEventListener(end, () => { streaming = false; });
  }

  const tick = () => {
    const now = Date.now();
    if (!document.hidden && !paused) {
      for (const part of parts(null)) {
        // What happened before the stream began is nobody's news: a part asks once, soon.
        const seconds = streaming && asked.has(part) ? QUIET_SECONDS : POLL_SECONDS;
        const age = (now - (asked.get(part) ?? began)) / 1000;
        const isDue = age >= seconds || (wanted.has(part.id) && age >= GAP_SECONDS);
        if (!isDue) continue;
        if (isHeld(part)) wanted.add(part.id);
        else refresh(part);
      }
      if (!streaming && now - tried > RECONNECT_SECONDS * 1000) {
        tried = now;
        htmx.trigger(stream, "load");
      }
    }
    const age = Math.max(0, Math.round((now - heard) / 1000));
    const held = wanted.size > 0 && parts(null).some((part) => wanted.has(part.id) && isHeld(part));
    const text = paused ? "paused" : failing ? `no answer for ${age} s` : held ? "held while you read" : `live · ${age} s ago`;
    if (words.textContent !== text) words.textContent = text;
    state.classList.toggle("is-paused", paused || held);
    state.classList.toggle("is-stale", failing && !paused);
  };
  setInterval(tick, 500);

  toggle?.addEventListener("click", () => {
    paused = !paused;
    toggle.setAttribute("aria-pressed", String(paused));
    if (!paused) changed(null);
    tick();
  });

  // A part says which version it has, and is told of no change by 304.
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    const tag = tags.get(ctx.sourceElement);
    if (tag) ctx.request.headers["If-None-Match"] = tag;
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (!ctx.sourceElement?.dataset?.live) return;
    failing = !(ctx.response && ctx.response.status < 500);
    if (!failing) heard = Date.now();
    const tag = ctx.response?.headers?.get?.("ETag");
    if (tag) tags.set(ctx.sourceElement, tag);
  });
  document.addEventListener("htmx:error", () => { failing = true; });
  document.addEventListener("htmx:after:swap", () => window.punctual?.tell());
})();
