// Keys, dialogs, copying, and times that stay true. Everything works without it.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const cookie = (name) => document.cookie.split("; ").find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);

  for (const part of document.querySelectorAll("[data-without-script]")) part.hidden = true;

  // Times -----------------------------------------------------------------------------------------------------------
  const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const largest = (seconds) => {
    const [unit, name] = UNITS.find(([each]) => seconds >= each) ?? UNITS[3];
    return `${Math.floor(seconds / unit)} ${name}`;
  };
  const relative = (seconds) => {
    if (Math.abs(seconds) < 1) return "now";
    return seconds > 0 ? `in ${largest(seconds)}` : `${largest(-seconds)} ago`;
  };
  const two = (number) => String(number).padStart(2, "0");
  const left = (seconds) => {
    if (seconds < 1) return "now";
    const whole = Math.floor(seconds);
    if (whole >= 86400) return `in ${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
    const clock = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
    return whole >= 3600 ? `in ${Math.floor(whole / 3600)}:${clock}` : `in ${clock}`;
  };
  const tell = () => {
    for (const time of document.querySelectorAll("time[data-form]")) {
      const form = time.dataset.form;
      if (form === "full") continue;
      const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
      const words = form === "left" ? left(seconds) : relative(seconds);
      if (time.textContent !== words) time.textContent = words;
    }
  };
  tell();
  setInterval(tell, 1000);

  // The browser's zone, where nobody has chosen one: from the next page on.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && cookie("punctual_zone") === undefined) {
    document.cookie = `punctual_zone=${zone}; path=/ui/; max-age=31536000; samesite=lax`;
  }
  const choice = byId("zone");
  if (choice && zone && ![...choice.options].some((option) => option.value === zone)) choice.add(new Option(zone, zone));
  choice?.addEventListener("change", () => choice.form.requestSubmit());

  // A form that is sent twice by a double click would do its work twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // Toasts, dialogs, copying ----------------------------------------------------------------------------------------
  const toast = (text) => {
    const note = document.createElement("p");
    note.className = "toast";
    note.textContent = text;
    byId("toasts")?.append(note);
    setTimeout(() => note.remove(), 5000);
  };
  for (const note of document.querySelectorAll(".toast")) setTimeout(() => note.remove(), 5000);
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Only pages that came by https, or from this machine, may use the clipboard.
      const field = document.createElement("textarea");
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    toast("Copied.");
  };
  const open = (dialog) => { if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal(); };
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const copied = target?.closest("[data-copy]");
    if (copied) copy(byId(copied.dataset.copy)?.textContent ?? "");
    const opener = target?.closest("[data-opens]");
    if (opener && byId(opener.dataset.opens)) {
      event.preventDefault();
      open(byId(opener.dataset.opens));
    }
    if (target?.closest("[data-closes]")) {
      event.preventDefault();
      target.closest("dialog")?.close();
    }
    if (target instanceof HTMLDialogElement) target.close();
  });
  // "All on this page": a box that checks the boxes of the same form.
  document.addEventListener("change", (event) => {
    const all = event.target;
    if (!(all instanceof HTMLInputElement) || all.dataset.checks === undefined) return;
    for (const box of document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(all.dataset.checks)}"]`)) box.checked = all.checked;
  });

  // Keys ------------------------------------------------------------------------------------------------------------
  const off = byId("keys-off");
  if (off) {
    off.checked = localStorage.getItem("keys") === "off";
    off.addEventListener("change", () => localStorage.setItem("keys", off.checked ? "off" : "on"));
  }
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const current = () => document.querySelector("[data-row].is-current");
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    current()?.classList.remove("is-current");
    next.classList.add("is-current");
    (next.querySelector("a[href]") ?? next).focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  const go = (path) => { location.href = (document.body.dataset.base ?? "/ui/") + path; };
  const GOES = { o: "", t: "tasks/", s: "schedules/", c: "calendar/", f: "failures/", w: "workers/" };
  const KEYS = {
    "/": () => { document.querySelector("[data-search]")?.focus(); },
    "?": () => open(byId("keys")),
    j: () => move(1),
    k: () => move(-1),
    x: () => current()?.querySelector("input[type=checkbox]")?.click(),
    p: () => byId("live-toggle")?.click(),
    Enter: () => current()?.querySelector("a[href]")?.click(),
  };
  let before = "";
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    const types = target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), select, textarea"));
    if (event.ctrlKey || event.metaKey || event.altKey || types || off?.checked || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && target instanceof Element && target.matches("a, button, summary, input")) return;
    const path = before === "g" ? GOES[event.key] : undefined;
    before = event.key === "g" && before !== "g" ? "g" : "";
    const action = path === undefined ? KEYS[event.key] : () => go(path);
    if (!action) return;
    event.preventDefault();
    action();
  });

  // Where the sections stand in one line, the one that is open is seen.
  const nav = document.querySelector(".side nav");
  const section = nav?.querySelector("[aria-current]");
  if (section) nav.scrollLeft = section.offsetLeft - (nav.clientWidth - section.offsetWidth) / 2;
  window.punctual = { toast, tell };
})();
