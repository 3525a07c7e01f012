// Without it every page works by reloading. It looks again when the server says so, and shows local times.
(() => {
  "use strict";
  const localTimes = (root) => root.querySelectorAll("time[datetime]").forEach((time) => {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.valueOf())) time.title = `${at.toLocaleString()} here`;
  });

  // What somebody types or has opened stays as it is.
  const isBusy = (part) => (part.contains(document.activeElement)
      && document.activeElement.matches("input, textarea, select, summary, button"))
    || [...part.querySelectorAll("input, textarea")].some((one) =>
      one.value !== one.defaultValue || one.checked !== one.defaultChecked);

  // A token of before is as good, and without it every form would be another.
  const token = "input[name=__RequestVerificationToken]";

  let looking = false;
  const look = async () => {
    if (looking) return;
    looking = true;
    try {
      const answer = await fetch(location.href, { headers: { "X-Live": "1" }, redirect: "manual" });
      if (answer.status === 401 || answer.type === "opaqueredirect") { location.reload(); return; }
      if (!answer.ok) { tell("The console cannot show this now; it tries again."); return; }
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      // What was not there yet is more than the parts that change.
      if (document.querySelector("[data-reload]") && !fresh.querySelector("[data-reload]")) { location.reload(); return; }
      const known = document.querySelector(token)?.value;
      if (known) fresh.querySelectorAll(token).forEach((one) => one.setAttribute("value", known));
      document.querySelectorAll("[data-live]").forEach((part) => {
        const next = fresh.getElementById(part.id);
        if (!next || isBusy(part) || next.innerHTML === part.dataset.seen) return;
        const focused = document.activeElement && part.contains(document.activeElement)
          ? document.activeElement.getAttribute("href") ?? document.activeElement.id : null;
        const told = part.querySelector("[data-focus]");
        const isThere = told ? told === document.activeElement
          : document.activeElement === document.body || part.contains(document.activeElement);
        const open = [...part.querySelectorAll("details[open][id]")].map((one) => one.id);
        part.dataset.seen = next.innerHTML;
        part.replaceChildren(...next.childNodes);
        open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
        if (focused) [...part.querySelectorAll("a, button, [id]")]
          .find((one) => one.getAttribute("href") === focused || one.id === focused)?.focus({ preventScroll: true });
        // A result that has just come, or that was being read.
        if (isThere) part.querySelector("[data-focus]")?.focus({ preventScroll: told !== null });
        localTimes(part);
      });
      tell("");
      if (!document.querySelector("[data-live]")) close();
    } catch {
      tell("The console does not answer; it is tried again.");
    } finally {
      looking = false;
    }
  };

  const tell = (text) => {
    let line = document.getElementById("connection");
    if (!line && !text) return;
    if (!line) {
      line = Object.assign(document.createElement("p"), { id: "connection" });
      line.setAttribute("role", "status");
      document.body.append(line);
    }
    line.textContent = text;
    line.hidden = !text;
  };

  // A browser has six connections to a host for all its tabs: one tab has the stream, and tells the others. Where
  // that cannot be agreed upon each has its own.
  const others = navigator.locks && "BroadcastChannel" in window ? new BroadcastChannel("live") : null;
  const beat = () => { look(); others?.postMessage("look"); };
  const listen = (signal) => new Promise((done) => {
    if (signal.aborted) { done(); return; }
    const stream = new EventSource("/live");
    stream.onmessage = beat;
    stream.onerror = () => {
      // Looking says what is the matter.
      beat();
      if (stream.readyState === EventSource.CLOSED) { close(); setTimeout(open, 5000); }
    };
    signal.addEventListener("abort", () => { stream.close(); done(); });
  });

  let turn = null;
  const open = () => {
    if (turn || document.hidden || !document.querySelector("[data-live]")) return;
    const { signal } = turn = new AbortController();
    if (others) navigator.locks.request("live", { signal }, () => listen(signal)).catch(() => {});
    else listen(signal);
  };
  const close = () => { turn?.abort(); turn = null; };
  if (others) others.onmessage = () => { if (turn) look(); };
  // A hidden tab asks for nothing, and may have missed something when it is seen again.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { close(); return; }
    open();
    if (turn) look();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);

  // The contract, checked while somebody types.
  document.querySelectorAll("form[data-check]").forEach((form) => {
    let waiting;
    const check = async () => {
      const answer = await fetch(form.dataset.check, { method: "POST", body: new FormData(form), headers: { "X-Live": "1" } });
      if (!answer.ok) return;
      const { broken, keeps } = await answer.json();
      form.querySelectorAll("[data-rule]").forEach((place) => {
        const rule = broken.find((one) => one.field === place.dataset.rule);
        place.textContent = rule ? rule.rule : "";
        document.getElementById(place.dataset.input)?.setAttribute("aria-invalid", rule ? "true" : "false");
      });
      const verdict = form.querySelector("[data-verdict]");
      if (verdict) verdict.textContent = keeps ? "The copy keeps the contract." : "The copy breaks the contract.";
    };
    form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(check, 250); });
  });

  // Where an act has led, the keyboard goes on.
  const result = document.querySelector("[data-focus]");
  if (result) result.focus();
  localTimes(document);
  open();
})();
