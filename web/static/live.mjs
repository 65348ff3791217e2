// Live parts: when the server says that something changed, the parts marked data-live-part are
// fetched anew. A part that the reader is using is left alone until they leave it. What the server
// marks data-live-from takes a part's place and is not fetched anew: forms may be half filled in.

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
    const name = part.dataset.livePart;
    const next = fresh.querySelector(`[data-live-part="${name}"], [data-live-from="${name}"]`);
    if (!next || next.innerHTML === part.innerHTML) continue;
    if (busy(part)) {
      waiting = true;
      continue;
    }
    const held = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
    part.innerHTML = next.innerHTML;
    if (next.dataset.liveFrom) delete part.dataset.livePart;
    if (held) part.querySelector(`a[href="${CSS.escape(held)}"]`)?.focus();
  }
}

// A page that changes all the time says how often it is fetched anew, in milliseconds.
const every = Number(document.querySelector("[data-live-every]")?.dataset.liveEvery);
if (every) setInterval(refresh, every);

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
