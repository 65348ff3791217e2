// What every page gains from scripts: a counter below long texts, buttons to copy and print,
// menus that close. Every page works without them.

for (const area of document.querySelectorAll("textarea[data-count]")) {
  const counter = document.createElement("p");
  counter.className = "counter";
  counter.setAttribute("aria-hidden", "true");
  area.after(counter);
  const show = () => {
    counter.textContent = `${[...area.value].length} / ${area.maxLength}`;
  };
  area.addEventListener("input", show);
  show();
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    const label = button.querySelector("span");
    label.textContent = button.dataset.copied;
    label.setAttribute("role", "status");
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
};
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// An act may be sent once: the idempotency key guards the record, this guards the finger.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "true";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// The back button brings what was typed back into a page drawn anew; the key under which it was sent
// has to come back with it, or the same words would be sent as something new.
document.addEventListener("submit", ({ target }) => {
  const key = target.elements.idempotency_key;
  if (key) sessionStorage.setItem(target.action, key.value);
});
if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") {
  for (const form of document.forms) {
    const key = form.elements.idempotency_key;
    if (key) key.value = sessionStorage.getItem(form.action) ?? key.value;
  }
}

// After a refused form, the first field in question gets the focus.
document.querySelector("[aria-invalid=true]")?.focus();

// On a narrow screen the menu scrolls: show where we are.
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// The code beside a receipt leads here with the receipt behind a #, which no server is sent: it goes into the field, and
// out of the address and the history.
const typed = document.querySelector("input#receipt");
if (typed && /^#[0-9A-Za-z-]{20,60}$/.test(location.hash)) {
  typed.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
}
