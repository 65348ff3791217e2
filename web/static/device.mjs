// What a device of the product's own is made of: SM3 and HMAC-SM3 (GB/T 32905), which browsers do not have, a
// signed message, and a queue in IndexedDB that outlives reloads, crashes and days without a line. A message gets its
// counter, its time and its signature in the transaction that puts it into the queue, and leaves the queue once
// the server has answered: whatever breaks between the two, it is sent again as it was and stored once.

const rotate = (x, n) => (x << n) | (x >>> (32 - n));
const p0 = (x) => x ^ rotate(x, 9) ^ rotate(x, 17);
const p1 = (x) => x ^ rotate(x, 15) ^ rotate(x, 23);

function compress(v, block, at) {
  const w = new Int32Array(68);
  for (let j = 0; j < 16; j++) w[j] = block.getInt32(at + 4 * j);
  for (let j = 16; j < 68; j++) w[j] = p1(w[j - 16] ^ w[j - 9] ^ rotate(w[j - 3], 15)) ^ rotate(w[j - 13], 7) ^ w[j - 6];
  let [a, b, c, d, e, f, g, h] = v;
  for (let j = 0; j < 64; j++) {
    const t = j < 16 ? 0x79cc4519 : 0x7a879d8a;
    const ss1 = rotate((rotate(a, 12) + e + rotate(t, j % 32)) | 0, 7);
    const ff = j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
    const gg = j < 16 ? e ^ f ^ g : (e & f) | (~e & g);
    const tt1 = (ff + d + (ss1 ^ rotate(a, 12)) + (w[j] ^ w[j + 4])) | 0;
    const tt2 = (gg + h + ss1 + w[j]) | 0;
    [d, c, b, a] = [c, rotate(b, 9), a, tt1];
    [h, g, f, e] = [g, rotate(f, 19), e, p0(tt2)];
  }
  [a, b, c, d, e, f, g, h].forEach((x, i) => (v[i] ^= x));
}

/** The SM3 digest of bytes, 32 bytes. */
export function sm3(bytes) {
  const padded = new Uint8Array((Math.floor((bytes.length + 8) / 64) + 1) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, bytes.length << 3);
  const v = Int32Array.of(0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e);
  for (let at = 0; at < padded.length; at += 64) compress(v, view, at);
  const digest = new DataView(new ArrayBuffer(32));
  v.forEach((x, i) => digest.setInt32(4 * i, x));
  return new Uint8Array(digest.buffer);
}

/** HMAC-SM3 of bytes, 32 bytes. */
export function hmac(key, bytes) {
  const block = new Uint8Array(64);
  block.set(key.length > 64 ? sm3(key) : key);
  const joined = (pad, tail) => sm3(Uint8Array.of(...block.map((x) => x ^ pad), ...tail));
  return joined(0x5c, joined(0x36, bytes));
}

const text = new TextEncoder();
export const hex = (bytes) => Array.from(bytes, (x) => x.toString(16).padStart(2, "0")).join("");
export const unhex = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** A message as it is sent, signed: docs/devices.md. */
export function signed(key, { device, counter, time, kind, body }) {
  const lines = ["haochaping-device-1", device, counter, time, kind, hex(sm3(text.encode(body)))];
  return { device, counter, time, kind, body, mac: hex(hmac(key, text.encode(lines.join("\n")))) };
}

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
const ended = (tx) =>
  new Promise((resolve, reject) => {
    tx.oncomplete = resolve;
    tx.onerror = tx.onabort = () => reject(tx.error);
  });

function open() {
  const request = indexedDB.open("haochaping-device", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("state");
    request.result.createObjectStore("queue", { keyPath: "counter" });
    request.result.createObjectStore("parked", { keyPath: "counter" });
  };
  return done(request);
}

// atOnce is how many messages are on their way together: they leave in order, and one that overtakes another does
// no harm.
const atOnce = 16;
const firmware = "haochaping-page 1";

/** The device that this browser is. enrolled is false until it has a key. */
export class Device {
  static async open() {
    const device = new Device();
    device.db = await open();
    device.state = (await done(device.read("state").get("device"))) ?? null;
    return device;
  }

  read(store) {
    return this.db.transaction(store).objectStore(store);
  }

  get enrolled() {
    return this.state !== null;
  }

  /** Exchanges a code for a key. The answer's status tells what went wrong. What an earlier key signed is parked. */
  async enrol(code) {
    const answer = await post("/device/enrolments", { code, firmware });
    if (answer.status !== 201) return answer.status;
    const { device, key, counter, time } = await answer.json();
    const left = await done(this.read("queue").getAll());
    const tx = this.db.transaction(["state", "queue", "parked"], "readwrite");
    this.state = { device, key: unhex(key), counter, last: 0, offset: time - Date.now() };
    tx.objectStore("state").put(this.state, "device");
    for (const message of left) {
      tx.objectStore("parked").put({ ...message, code: "device_signature" });
      tx.objectStore("queue").delete(message.counter);
    }
    await ended(tx);
    return answer.status;
  }

  /** Signs a message and, where it is to be kept, puts it into the queue, all or nothing. */
  async sign(kind, content, keep) {
    const tx = this.db.transaction(["state", "queue"], "readwrite", { durability: "strict" });
    const state = await done(tx.objectStore("state").get("device"));
    state.counter += 1;
    state.offset = this.state.offset;
    state.last = Math.max(Date.now() + state.offset, state.last); // a clock that was put back runs on from here
    const message = signed(state.key, { device: state.device, counter: state.counter, time: Math.round(state.last), kind, body: JSON.stringify(content) });
    tx.objectStore("state").put(state, "device");
    if (keep) tx.objectStore("queue").put(message);
    await ended(tx);
    this.state = state;
    return message;
  }

  keep(kind, content) {
    return this.sign(kind, content, true);
  }

  /** How much waits, and how much was refused, with its codes. */
  async counts() {
    const [waiting, parked] = await Promise.all([done(this.read("queue").count()), done(this.read("parked").getAll())]);
    return { waiting, parked: parked.length, parked_codes: [...new Set(parked.map((message) => message.code))] };
  }

  /** Asks the server something that is not kept; null where it cannot be reached. */
  async ask(kind, content) {
    const message = kind === "roster" ? signed(this.state.key, { device: this.state.device, counter: 1, time: Date.now(), kind, body: "{}" }) : await this.sign(kind, content, false);
    const answer = await post("/device/messages", message).catch(() => null);
    if (!answer) return null;
    const body = await answer.json().catch(() => ({}));
    if (answer.ok) this.state.offset = body.time - Date.now();
    return { status: answer.status, ...body };
  }

  async heartbeat() {
    return this.ask("heartbeat", { firmware, ...(await this.counts()) });
  }

  /**
   * Sends what waits, in order, until nothing does or the server cannot take more. One tab at a time does.
   * taken(message, answer) is told of each that was stored.
   */
  send(taken = () => {}) {
    return navigator.locks.request("haochaping-device", { ifAvailable: true }, async (lock) => {
      while (lock) {
        const next = await done(this.read("queue").getAll(null, atOnce));
        if (next.length === 0) return true;
        const settled = await Promise.all(next.map((message) => this.deliver(message, taken)));
        if (settled.includes(false)) return false;
      }
      return false;
    });
  }

  /** Delivers one message; false where it has to wait. */
  async deliver(message, taken) {
    const answer = await post("/device/messages", message).catch(() => null);
    const body = await answer?.json().catch(() => null);
    if (!body || answer.status === 403 || answer.status === 409 || answer.status === 429 || answer.status >= 500) return false;
    const tx = this.db.transaction(["queue", "parked"], "readwrite");
    tx.objectStore("queue").delete(message.counter);
    if (!answer.ok) tx.objectStore("parked").put({ ...message, code: body.missing ?? "device_body" });
    await ended(tx);
    if (answer.ok) taken(message, body);
    return true;
  }
}

function post(path, body) {
  return fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "Accept-Language": document.documentElement.lang },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
}
