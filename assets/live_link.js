// The connection of one session: sends numbered packets, keeps them until the server has them on disk, and comes back
// by itself after every interruption.

const WINDOW = 400, IN_MEMORY = 600, LOADED = 100, QUIET_MS = 5000, PATIENCE_MS = 8000;
const PAUSES_MS = [300, 1000, 2000, 4000, 8000, 15000];
const SILENCE = new ArrayBuffer(3200);
const SERVER_STOPS = 1012, FULL = 1013, TAKEN = 4000, NOT_UNDERSTOOD = 4400, FOREIGN = 1008;

/** Returns a random word for a session. */
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(18)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Returns the record of a new session, as `Kept` stores it. */
export const newRecord = (settings, title) => ({
  id: newKey(), key: newKey(), shift: 0, resumedAt: null, job: null, watch: null, settings, title, edits: {}, stopping: false, began: Date.now(),
});

/**
 * `told` has net(state), line(line), state(state), started(record), trouble(error), ended(job), gone(job), waiting().
 * Packets are numbered within this browser; on the wire `record.shift` is added.
 */
export class Link {
  #socket = null;
  #pumping = false;
  #open = false;
  #memory = new Map();
  #orders = [];
  #attempt = 0;
  #timer = null;
  #heardAt = 0;
  #movedAt = 0;
  #began = 0;
  #dueAt = 0;
  #watchedAt = 0;
  #fatal = null;
  #settingsChanged = false;

  constructor(record, kept, told, address = socketAddress) {
    this.record = record;
    this.kept = kept;
    this.told = told;
    this.address = address;
    this.next = 0;
    this.acked = 0;
    this.sent = 0;
    this.resting = false;
    this.closed = false;
  }

  /** Takes up what is kept and connects. */
  async begin() {
    const ends = await this.kept.ends(this.record.id);
    if (ends) { this.next = ends.last + 1; this.acked = ends.first; }
    else if (this.record.job) this.next = this.acked = this.record.next || 0;
    this.sent = this.acked;
    if (this.record.job && this.record.resumedAt === null) this.record.resumedAt = this.next;
    await this.#save();
    this.#connect();
    this.pulse = setInterval(() => this.#watch(), 1000);
    this.online = () => { if (!this.#open) this.#connect(); };
    this.offline = () => this.#lose();
    addEventListener("online", this.online);
    addEventListener("offline", this.offline);
  }

  /** Seconds of sound that the server does not have yet. */
  get waiting_s() { return Math.max(0, this.next - this.acked) / 10; }

  /** Takes one packet; it is kept before it is sent. */
  push(packet) {
    const n = this.next;
    this.next += 1;
    this.#memory.set(n, packet);
    if (this.#memory.size > IN_MEMORY) this.#memory.delete(this.#memory.keys().next().value);
    this.kept.put(this.record.id, n, packet).catch((error) => this.told.trouble({ code: "unkept", error }));
    // Browsers let the timers of a page that nobody sees run once a minute; sound goes on coming.
    if (performance.now() - this.#watchedAt > 1500) this.#watch();
    this.#pump();
  }

  rest(on) {
    this.resting = on;
    if (on) this.#order({ type: "pause" });
  }

  edit(line, text) {
    this.record.edits[line] = text;
    this.#save();
    this.#order({ type: "edit", line, text });
  }

  change(settings) {
    this.record.settings = settings;
    this.#settingsChanged = !this.#open;
    this.#save();
    this.#order({ type: "settings", settings });
  }

  /** Ends the session once everything has been sent. */
  stop() {
    this.record.stopping = true;
    this.#save();
    this.#orders = this.#orders.filter((one) => one.type !== "stop");
    this.#order({ type: "stop" });
  }

  /** Lets go without ending the session: another tab goes on, or the page closes. */
  close() {
    this.closed = true;
    clearInterval(this.pulse);
    clearTimeout(this.#timer);
    removeEventListener("online", this.online);
    removeEventListener("offline", this.offline);
    this.#abandon();
  }

  /** Tries at once instead of after the pause. */
  retry() { this.#fatal = null; this.#connect(); }

  async #save() {
    this.record.next = this.next;
    await this.kept.save({ ...this.record }).catch(() => {});
  }

  #order(order) {
    if (!this.#open && order.type !== "stop") return;
    this.#orders.push({ ...order, after: this.next });
    this.#pump();
  }

  #connect() {
    if (this.closed) return;
    clearTimeout(this.#timer);
    this.#dueAt = 0;
    this.#abandon();
    const socket = new WebSocket(this.address());
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#began = performance.now();
    this.told.net(this.#attempt ? "lost" : "connecting");
    socket.onopen = () => socket.send(JSON.stringify({ type: "start", key: this.record.key, settings: this.record.settings, title: this.record.title }));
    socket.onmessage = (event) => { this.#heardAt = performance.now(); this.#take(JSON.parse(event.data)); };
    socket.onclose = (event) => this.#lose(event.code);
  }

  // A connection that hangs would keep its place for minutes: it is left behind without waiting for its end.
  #abandon() {
    const socket = this.#socket;
    this.#socket = null;
    this.#open = false;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #lose(code) {
    if (this.closed) return;
    this.#abandon();
    this.#orders = this.#orders.filter((one) => one.type === "stop");
    if (code === TAKEN) { this.close(); this.told.net("taken"); return; }
    const refused = this.#fatal || ([FOREIGN, NOT_UNDERSTOOD].includes(code) ? { code: "refused" } : null);
    if (refused) {
      this.#fatal = null;
      this.told.trouble({ ...refused, fatal: true });
      if (this.closed) return;
    }
    const wait = PAUSES_MS[Math.min(this.#attempt, PAUSES_MS.length - 1)] * (0.8 + 0.4 * Math.random());
    this.#attempt += 1;
    this.told.net("lost");
    clearTimeout(this.#timer);
    const pause = code === SERVER_STOPS || code === FULL ? Math.max(wait, 1000) : wait;
    this.#dueAt = performance.now() + pause;
    this.#timer = setTimeout(() => this.#connect(), pause);
  }

  #watch() {
    const now = this.#watchedAt = performance.now();
    if (!this.#socket && this.#dueAt && now > this.#dueAt + 500) this.#connect();
    else if (this.#socket && !this.#open && now - this.#began > PATIENCE_MS) this.#lose();
    else if (this.#open && this.sent > this.acked && now - Math.max(this.#heardAt, this.#movedAt) > QUIET_MS) this.#lose();
    else if (this.#open && this.sent > this.acked && now - this.#movedAt > QUIET_MS) { this.#movedAt = now; this.sent = this.acked; this.#pump(); }
    this.told.waiting();
  }

  #take(told) {
    if (told.type === "started") this.#started(told);
    else if (told.type === "ack") this.#acknowledge(told.next_packet - this.record.shift);
    else if (told.type === "line") this.#line(told);
    else if (told.type === "state") this.told.state(told);
    else if (told.type === "error") this.#refused(told);
    else if (told.type === "ended") { this.close(); this.told.ended(told.job); }
  }

  #started(told) {
    const { record } = this;
    // A server that has lost the session begins it anew: what is still kept here comes first then.
    if (record.job && record.job !== told.job) record.shift = told.next_packet - this.acked;
    else if (record.resumedAt !== null) record.shift += Math.max(0, told.next_packet - (record.resumedAt + record.shift));
    record.resumedAt = null;
    Object.assign(record, { job: told.job, watch: told.watch });
    this.#attempt = 0;
    this.#open = true;
    this.#movedAt = performance.now();
    this.acked = told.next_packet - record.shift;
    this.next = Math.max(this.next, this.acked);
    this.sent = this.acked;
    this.#acknowledge(this.acked, true);
    this.#save();
    if (this.#settingsChanged) { this.#settingsChanged = false; this.#order({ type: "settings", settings: record.settings }); }
    for (const [line, text] of Object.entries(record.edits)) this.#order({ type: "edit", line: Number(line), text });
    if (this.resting) this.#order({ type: "pause" });
    if (record.stopping) this.stop();
    this.told.started(record);
    this.told.net("open");
    this.#pump();
  }

  #acknowledge(before, anew = false) {
    if (before > this.acked || anew) {
      this.acked = Math.max(this.acked, before);
      this.#movedAt = performance.now();
      for (const n of this.#memory.keys()) if (n < before) this.#memory.delete(n);
      this.kept.forget(this.record.id, before).catch(() => {});
    } else if (before < this.acked) this.acked = this.sent = before;
    this.told.waiting();
    this.#pump();
  }

  #line(line) {
    if (line.state === "final" && line.line in this.record.edits && line.text === this.record.edits[line.line]) {
      delete this.record.edits[line.line];
      this.#save();
    }
    this.told.line(line);
  }

  #refused(error) {
    if (error.code === "live_ended") { this.#anew(error); return; }
    if (error.fatal) this.#fatal = error;
    else this.told.trouble(error);
  }

  // The session was ended in our absence. What is still here becomes one of its own.
  async #anew(error) {
    const before = error.values?.job || this.record.job;
    if (this.next === this.acked && this.record.stopping) { this.close(); this.told.ended(before); return; }
    Object.assign(this.record, { key: newKey(), job: null, watch: null, shift: -this.acked, resumedAt: null, edits: {} });
    this.#abandon();
    await this.#save();
    this.told.gone(before);
    this.#connect();
  }

  async #pump() {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#open && await this.#step());
    } finally { this.#pumping = false; }
  }

  /** Sends the next thing; false when there is nothing, or no room. */
  async #step() {
    const socket = this.#socket, order = this.#orders[0];
    if (order && order.after <= this.sent) {
      this.#orders.shift();
      const { after, ...message } = order;
      if (message.type === "stop") message.n_packets = this.next + this.record.shift;
      socket.send(JSON.stringify(message));
      return true;
    }
    if (this.sent >= this.next || this.sent - this.acked >= WINDOW) return false;
    if (socket.bufferedAmount > 400_000) { setTimeout(() => this.#pump(), 100); return false; }
    const n = this.sent, packet = this.#memory.get(n) || await this.#load(n);
    if (this.#socket !== socket || this.sent !== n) return true;
    const frame = new Uint8Array(4 + packet.byteLength);
    new DataView(frame.buffer).setUint32(0, n + this.record.shift, true);
    frame.set(new Uint8Array(packet), 4);
    socket.send(frame);
    this.sent = n + 1;
    return true;
  }

  // Should a packet be gone from the browser, silence of its length takes its place: the numbers must have no gaps.
  async #load(n) {
    const found = await this.kept.some(this.record.id, n, LOADED).catch(() => []);
    for (const [number, packet] of found) if (!this.#memory.has(number)) this.#memory.set(number, packet);
    return this.#memory.get(n) || SILENCE;
  }
}

function socketAddress() {
  const address = new URL(`api/live?lang=${roomtone.language}`, document.baseURI);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address;
}
