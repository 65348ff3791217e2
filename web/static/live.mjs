// Live parts: when the server says that something changed, the parts marked data-live-part are
// fetched anew. A part that the reader is using is left alone until they leave it.

const address = document.body.dataset.live;
let waiting = false;

function busy(part) {
  return part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
}

async function refresh() {
  waiting = false;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live-part]")) {
    const next = fresh.querySelector(`[data-live-part="${part.dataset.livePart}"]`);
    if (!next || next.innerHTML === part.innerHTML) continue;
    if (busy(part)) {
      waiting = true;
      continue;
    }
    const held = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
    part.innerHTML = next.innerHTML;
    if (held) part.querySelector(`a[href="${CSS.escape(held)}"]`)?.focus();
  }
}

if (address) {
  // Several events within a moment are one refresh.
  let timer;
  const events = new EventSource(address);
  events.addEventListener("message", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, 500);
  });
  document.addEventListener("focusout", () => waiting && setTimeout(refresh, 200));
}
