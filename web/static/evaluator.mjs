// The evaluator at a window: it shows who serves there, takes one grade from whoever was served, thanks, and is
// idle again. Nothing that was pressed is shown to anybody else, and a session that times out is not rated.

const { Device } = await import(document.body.dataset.device);
const device = await Device.open();
const $ = (id) => document.getElementById(id);
const views = ["enrol", "rate", "reasons", "thanks"];
const thanksSeconds = 25;

let seconds = 60; // how long a session lasts
let roster = JSON.parse(localStorage.getItem("roster") ?? "null");
let session = null; // { id, grade, ends }
let ends = 0; // when the view in sight ends, by this clock
let running = false;
let sent = 0; // counter of the rating that the thanks are for

function show(view) {
  for (const id of views) $(id).hidden = id !== view;
  $("countdown").hidden = view === "enrol" || (view === "rate" && !session);
  document.body.dataset.view = view;
  window.scrollTo(0, 0);
  tick();
}

function idle() {
  session = null;
  $("invited").hidden = $("unsaved").hidden = true;
  for (const input of document.querySelectorAll("#reasons input, #marks input")) input.checked = false;
  for (const open of document.querySelectorAll("dialog[open]")) open.close();
  show("rate");
}

// --- who serves ---

const today = () => new Date().toLocaleDateString("sv", { timeZone: "Asia/Shanghai" });

function drawRoster() {
  const known = roster?.day === today() ? roster : { ...roster, staff: null }; // yesterday's is nobody's
  $("hall").textContent = known.hall ?? "";
  $("window").textContent = known.window ?? "";
  for (const part of ["name", "post", "position"]) {
    const cell = $(`staff-${part}`);
    cell.textContent = known.staff?.[part] || document.body.dataset.unpublished;
    cell.classList.toggle("missing", !known.staff?.[part]);
  }
  const portrait = known.staff?.portrait ?? "";
  $("portrait").hidden = !portrait;
  $("no-portrait").hidden = Boolean(portrait);
  if (portrait && $("portrait").getAttribute("src") !== portrait) $("portrait").src = portrait;
}

async function follow() {
  if (document.body.dataset.view === "enrol") return;
  const answer = await device.ask("roster");
  line(answer);
  if (!answer?.roster) return drawRoster(); // midnight passes without a line too
  seconds = answer.roster.session_seconds;
  roster = { ...answer.roster, day: today() };
  localStorage.setItem("roster", JSON.stringify(roster));
  drawRoster();
  const { invitation } = roster;
  if (invitation && invitation !== localStorage.getItem("invitation") && document.body.dataset.view === "rate") {
    localStorage.setItem("invitation", invitation);
    begin(invitation);
    $("invited").hidden = false;
  }
}

// --- a session ---

function begin(id) {
  session ??= { id };
  touch();
  show("rate");
}

function touch() {
  if (session) ends = Date.now() + seconds * 1000;
}

function choose(grade) {
  if (!session) begin(crypto.randomUUID().replaceAll("-", ""));
  session.grade = grade;
  for (const group of document.querySelectorAll("#reasons [data-grade]")) group.hidden = Number(group.dataset.grade) !== grade;
  show("reasons");
  $("reasons-title").focus();
}

async function submit() {
  if (!session?.grade) return;
  const pressed = session;
  const { id, grade } = pressed;
  const ticked = (selector) => [...document.querySelectorAll(selector)].map((input) => input.value);
  const marks = Object.fromEntries([...document.querySelectorAll("#marks input:checked")].map((input) => [input.name.slice(5), Number(input.value)]));
  const staff = roster?.day === today() ? roster.staff?.id : undefined;
  const rating = { session: id, grade, options: ticked(`#reasons [data-grade="${grade}"] input:checked`), marks, notice: document.body.dataset.notice };
  session = null; // pressed twice it goes out once
  $("unsaved").hidden = true;
  const message = await device.keep("rating", staff ? { ...rating, staff } : rating).catch(() => null);
  if (!message) {
    // a full disk: nobody is thanked for what is lost
    if (document.body.dataset.view === "reasons") session = pressed;
    $("unsaved").hidden = false;
    return;
  }
  sent = message.counter;
  $("receipt").hidden = true;
  $("receipt-qr").firstElementChild.setAttribute("d", "");
  $("saved").hidden = false;
  ends = Date.now() + thanksSeconds * 1000;
  idle();
  show("thanks");
  $("thanks-title").focus();
  await deliver();
}

async function timeOut() {
  if (session) {
    const { id } = session;
    idle();
    await device.keep("session", { session: id, event: "timed_out" });
    await deliver();
  } else {
    idle();
  }
}

function tick() {
  if ($("countdown").hidden) return;
  const left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
  $("left").textContent = left;
  if (left === 0) timeOut();
}

// --- the line ---

function taken(message, answer) {
  if (message.counter !== sent || !answer.receipt) return;
  $("receipt-code").textContent = answer.receipt.replaceAll("-", "").match(/.{1,4}/g).join(" ");
  const qr = answer.receipt_qr;
  $("receipt-qr").toggleAttribute("hidden", !qr);
  if (qr) {
    $("receipt-qr").setAttribute("viewBox", `0 0 ${qr.side} ${qr.side}`);
    $("receipt-qr").firstElementChild.setAttribute("d", qr.path);
  }
  $("receipt").hidden = false;
  $("saved").hidden = true;
}

function line(answer) {
  const state = answer === null ? "away" : answer.status === 403 ? "locked" : "there";
  $("line").dataset.state = state;
  for (const word of $("line").querySelectorAll("[data-state]")) word.hidden = word.dataset.state !== state;
  if (state !== "locked") return;
  session = null; // its key counts no longer: nothing more is taken until it is enrolled anew
  $("locked").hidden = false;
  show("enrol");
}

async function deliver() {
  await device.send(taken);
  const { waiting, parked } = await device.counts();
  for (const cell of document.querySelectorAll("[data-waiting]")) cell.textContent = waiting;
  $("parked").textContent = parked;
}

async function beat() {
  if (document.body.dataset.view === "enrol") return;
  line(await device.heartbeat());
  await deliver();
}

function run() {
  $("locked").hidden = true;
  drawRoster();
  idle();
  beat().then(follow);
  if (running) return;
  running = true;
  navigator.storage?.persist?.(); // where the disk is short the browser throws away what nobody asked to keep
  setInterval(follow, 5_000);
  setInterval(deliver, 15_000);
  setInterval(beat, 60_000);
  addEventListener("online", beat);
}

// --- what is pressed ---

for (const button of document.querySelectorAll("[data-choose]")) button.addEventListener("click", () => choose(Number(button.dataset.choose)));
$("back").addEventListener("click", () => show("rate"));
$("submit").addEventListener("click", submit);
$("done").addEventListener("click", idle);
for (const button of document.querySelectorAll("[data-opens]")) button.addEventListener("click", () => $(button.dataset.opens).showModal());
for (const button of document.querySelectorAll("dialog button")) button.addEventListener("click", () => button.closest("dialog").close());
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, touch);
addEventListener("keydown", (event) => {
  if (document.body.dataset.view === "rate" && !document.querySelector("dialog[open]") && /^[1-5]$/.test(event.key)) choose(Number(event.key));
});

async function enrol(code) {
  const status = await device.enrol(code).catch(() => 0);
  if (status === 201) return run();
  $("enrol-error").hidden = false;
  $("code").setAttribute("aria-invalid", "true");
  $("code").focus();
}
$("enrol-form").addEventListener("submit", (event) => {
  event.preventDefault();
  enrol($("code").value);
});
$("demo")?.addEventListener("click", async () => {
  const answer = await fetch("/demo/evaluators", { method: "POST", headers: { Accept: "application/json" } });
  if (answer.ok) enrol((await answer.json()).code);
});

setInterval(tick, 250);
navigator.serviceWorker?.register("/evaluator-worker.js", { scope: "/evaluator" });
if (device.enrolled) run();
else show("enrol");
document.body.dataset.ready = "yes";
