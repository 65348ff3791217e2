// Keeps the evaluator's page where there is no line: the page as it was fetched last, what belongs to it, and the
// portraits that it showed. Ratings are the page's own to keep.

const kept = "evaluator";
const page = "/evaluator";

async function keepPage(answer) {
  const cache = await caches.open(kept);
  const html = await answer.clone().text();
  const parts = [...new Set(html.match(/\/static\/[\w.-]+/g))];
  await cache.addAll(await missing(cache, parts));
  await cache.put(page, answer);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/static/") && !parts.includes(pathname)) await cache.delete(request);
  }
}

async function missing(cache, parts) {
  const have = await Promise.all(parts.map((part) => cache.match(part, { ignoreVary: true })));
  return parts.filter((_, i) => !have[i]);
}

const fresh = () => fetch(page, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(5000) });

self.addEventListener("install", (event) => {
  event.waitUntil(fresh().then(keepPage).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function showPage(event) {
  try {
    const answer = await fresh();
    if (answer.ok) event.waitUntil(keepPage(answer.clone()).catch(() => {}));
    if (answer.status < 500) return answer;
  } catch {
    // there is no line: what was kept is shown
  }
  return (await caches.match(page, { ignoreVary: true })) ?? Response.error();
}

async function keptFirst(request) {
  const cache = await caches.open(kept);
  const have = await cache.match(request, { ignoreVary: true });
  if (have) return have;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (pathname === page) event.respondWith(showPage(event));
  if (pathname.startsWith("/static/") || pathname.startsWith("/portraits/")) event.respondWith(keptFirst(event.request));
});
