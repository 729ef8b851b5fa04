// Arrow keys lead to the time before and after.
"use strict";
(() => {
  const LEADS = { ArrowLeft: "prev", ArrowRight: "next" };
  document.addEventListener("keydown", (event) => {
    const rel = LEADS[event.key];
    const isElsewhere = event.target instanceof Element && event.target.closest("input, select, textarea, pre, nav, dialog");
    if (!rel || isElsewhere || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (localStorage.getItem("keys") === "off" || document.querySelector("dialog[open]")) return;
    document.querySelector(`#content a[rel="${rel}"]`)?.click();
  });
})();
