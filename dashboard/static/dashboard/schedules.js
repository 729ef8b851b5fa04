// Small forms as dialogs: each is a page of its own, which is shown here without leaving this one.
"use strict";
(() => {
  const dialog = document.createElement("dialog");
  dialog.className = "deed-dialog";
  document.body.append(dialog);
  const show = async (response, address) => {
    if (response.redirected) { location.assign(response.url); return; }
    const content = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-dialog-content]");
    if (!content) { location.assign(address); return; }
    dialog.replaceChildren(content);
    const heading = content.querySelector("h1");
    if (heading) { heading.id = "deed-title"; dialog.setAttribute("aria-labelledby", "deed-title"); }
    if (!dialog.open) dialog.showModal();
    (content.querySelector("[aria-invalid]") ?? content.querySelector("form :is(input:not([type=hidden]), textarea, select, button)"))?.focus();
  };
  const ask = async (address, options = {}) => {
    try {
      await show(await fetch(address, { credentials: "same-origin", ...options, headers: { "HX-Request": "true" } }), address);
    } catch {
      location.assign(address);
    }
  };
  document.addEventListener("click", (event) => {
    const opener = event.target instanceof Element ? event.target.closest("[data-dialog]") : null;
    if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (opener instanceof HTMLAnchorElement) { ask(opener.href); return; }
    const chosen = new URLSearchParams(new FormData(opener.form));
    if (!chosen.has("id") && !chosen.has("all")) { window.punctual?.toast("Select some schedules first."); return; }
    ask(`${opener.formAction}?${chosen}`);
  });
  dialog.addEventListener("submit", (event) => {
    const form = event.target;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    ask(form.action, { method: "POST", body });
  });

  // Zones to choose from: those of the list at the page's foot.
  const names = document.getElementById("zone");
  for (const input of document.querySelectorAll("input[data-choices=zones]")) {
    if (!names) continue;
    const list = document.createElement("datalist");
    list.id = "zones";
    for (const { value } of names.options) list.append(new Option(value, value));
    input.after(list);
    input.setAttribute("list", "zones");
  }
})();
