// How far an upload is. Without it the browser sends the same form, and leads on to the same page.
"use strict";
(() => {
  const begin = (form) => {
    const box = form.querySelector("[data-upload-progress]");
    const [bar, words] = [box.querySelector("progress"), box.querySelector("p")];
    const stop = form.querySelector("[data-upload-stop]");
    const button = form.querySelector("button.primary");
    const sent = new XMLHttpRequest();
    const going = (goes) => { box.hidden = stop.hidden = !goes; button.disabled = goes; };
    const failed = (text) => { going(false); box.hidden = false; words.textContent = text; };
    sent.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const percent = Math.floor(100 * event.loaded / event.total);
      bar.value = percent;
      words.textContent = percent < 100 ? `${percent} %` : "All is sent; it is being stored.";
    });
    sent.addEventListener("load", () => {
      const login = sent.getResponseHeader("HX-Redirect");
      if (login) { location.assign(login); return; }
      if (sent.status < 400) { location.assign(sent.responseURL); return; }
      const answer = new DOMParser().parseFromString(sent.responseText, "text/html");
      const shown = answer.querySelector("main") ?? answer.body;
      document.getElementById("content").replaceChildren(...shown.childNodes);
      attach();
    });
    sent.addEventListener("error", () => failed("The connection broke off, and nothing was stored. Send it again."));
    sent.addEventListener("abort", () => failed("It was stopped, and nothing was stored."));
    stop.onclick = () => sent.abort();
    going(true);
    bar.value = 0;
    sent.open("POST", form.action);
    sent.setRequestHeader("HX-Request", "true");
    sent.send(new FormData(form));
  };
  const attach = () => {
    for (const form of document.querySelectorAll("form[data-upload]")) {
      form.addEventListener("submit", (event) => { event.preventDefault(); begin(form); });
    }
  };
  attach();
})();
