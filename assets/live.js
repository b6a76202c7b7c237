// <rt-live>: speak, and read it while you speak. Holds together sound, connection, what is kept, and what is shown.
import { button, fill, h, icon } from "./dom.js";
import { Capture, microphones } from "./live_capture.js";
import { Kept } from "./live_kept.js";
import { Link, newRecord } from "./live_link.js";
import { Others, Pill, markMine } from "./live_others.js";
import { Ready, troubleOf } from "./live_ready.js";
import { Room } from "./live_room.js";
import { askSettings, keepSettings } from "./live_settings.js";
import { Turn, anotherIsLive } from "./live_turn.js";
import { lasting, stateOf } from "./live_words.js";
import { say } from "./texts.js";
import { complain, toast, trying } from "./toast.js";
import { go, here, openTab } from "./way.js";

class Live extends HTMLElement {
  #made = false;
  #taking = false;
  #beginning = false;
  #phase = "ready";
  #net = "connecting";
  #link = null;
  #capture = null;
  #server = null;
  #lost = null;
  #muted = false;
  #awake = null;
  #seen = false;
  #warned = false;
  #shared = false;

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    this.turn = new Turn(() => this.#yield());
    this.ready = new Ready((asked) => this.#begin(asked).catch(complain));
    this.room = new Room({
      pause: () => this.#pause().catch(complain), go: () => this.#goOn().catch(complain), stop: () => this.#stop().catch(complain),
      settings: () => this.#settings().catch(complain), edited: (line, text) => this.#link?.edit(line, text),
    });
    this.others = new Others();
    this.elsewhere = h("div.rt-empty.rt-live-elsewhere");
    this.pill = new Pill(() => openTab("live"));
    this.append(this.ready.element, this.elsewhere, this.room.element, this.others.element);
    new IntersectionObserver((seen) => this.#sight(seen.at(-1).isIntersecting)).observe(this);
    addEventListener("beforeunload", (event) => { if (this.#capture) event.preventDefault(); });
    document.addEventListener("visibilitychange", () => this.#stayAwake());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.#devices().catch(complain));
    this.#show("ready");
    this.arrived = this.#arrive().catch(complain);
  }

  // Another tab may be live, and an earlier page may have left sound behind.
  async #arrive() {
    this.kept = await Kept.open();
    if (!(await this.turn.take())) { this.#away("elsewhere"); return; }
    const [record] = (await this.kept.sessions()).sort((a, b) => a.began - b.began);
    if (!record) { this.turn.give(); this.#show("ready"); return; }
    markMine(record.job);
    this.#show(record.stopping ? "ending" : "kept");
    await this.#connect(record);
  }

  #away(key, free = true) {
    this.#show("elsewhere");
    fill(this.elsewhere, icon("mic"), h("h2", say(`live.away.${key}`)), h("p", say(`live.away.${key}.hint`)),
      button({ label: say("live.takeOver"), kind: "primary", id: "rt-live-takeover", onclick: trying(() => this.#takeOver()) }));
    // Where the session was taken by its key, no tab of this browser holds the turn: going on is the person's choice.
    if (free) this.turn.free().then(() => { if (this.#phase === "elsewhere" && !this.turn.mine && !this.#taking) this.#arrive().catch(complain); });
  }

  // While the other tab lets go, nothing else may arrive here: two arrivals would take the session from each other.
  async #takeOver() {
    if (this.#taking) return;
    this.#taking = true;
    try {
      await this.turn.takeOver();
      await this.#arrive();
    } finally { this.#taking = false; }
  }

  async #begin({ source, device, settings, title }) {
    await this.arrived;
    // Who leaves the tab while the browser asks for the microphone finds the button again, but not a second microphone.
    if (this.#phase !== "ready" || this.#beginning) return;
    this.#beginning = true;
    try { await this.#open({ source, device, settings, title }); } finally { this.#beginning = false; }
  }

  async #open({ source, device, settings, title }) {
    if (!(await this.turn.take())) { this.#away("elsewhere"); return; }
    const early = [];
    try {
      this.#capture = await this.#listen({ source, device }, (packet) => (this.#link ? this.#link.push(packet) : early.push(packet)));
    } catch (error) {
      this.turn.give();
      this.#noSound(error);
      return;
    }
    keepSettings(settings);
    // The next session has a name of its own.
    this.ready.title.value = "";
    const time = new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" }).format(new Date());
    this.room.clear();
    this.#show("live");
    await this.#connect(newRecord(settings, title || say("live.title.usual", { time })), early);
  }

  async #listen(asked, packet = (one) => this.#link?.push(one)) {
    this.#lost = null;
    this.#muted = false;
    // A tab that plays nothing gives nothing: that is no broken microphone.
    this.#shared = asked.source === "screen";
    const capture = new Capture({
      packet,
      level: (rms, peak) => { if (this.#phase !== "paused") this.room.level.hear(rms, peak); },
      lost: (which) => this.#gone(which).catch(complain),
      muted: (on) => { this.#muted = on; this.#tell(); },
    });
    await capture.open(asked);
    return capture;
  }

  #noSound(error) {
    if (!error.key) throw error;
    if (this.#phase === "ready") this.ready.complain(error.key);
    else this.room.note(troubleOf(error.key, this.#again()));
  }

  async #connect(record, early = []) {
    this.#server = null;
    this.#net = "connecting";
    const link = new Link(record, this.kept, {
      net: (net) => this.#changed(net), line: (line) => this.room.take(line), state: (state) => { this.#server = state; this.#tell(); },
      started: () => this.#started(), trouble: (error) => this.#trouble(error), ended: (job) => this.#ended(job).catch(complain),
      gone: (job) => this.#parted(job), waiting: () => this.#tell(),
    });
    await link.begin();
    this.#link = link;
    for (const packet of early) link.push(packet);
    this.#tell();
  }

  #started() {
    const { job, watch } = this.#link.record;
    markMine(job);
    this.room.draw(this.#phase, watch);
    dispatchEvent(new Event("roomtone:changed"));
  }

  #changed(net) {
    this.#net = net;
    if (net === "taken") { this.#silence().then(() => { this.turn.give(); this.#link = null; this.#away("taken", false); }); return; }
    this.#tell();
  }

  #trouble(error) {
    if (error.code === "unkept") { if (!this.#warned) toast(say("live.unkept"), { hint: say("live.unkept.hint"), kind: "bad" }); this.#warned = true; return; }
    const message = error.message || say("live.refused"), hint = error.message ? error.hint || "" : say("live.refused.hint");
    if (!error.fatal) { toast(message, { hint, kind: "bad" }); return; }
    if (this.#link.record.job) { this.room.note(h("div.rt-live-trouble", { role: "alert" }, icon("warn"), h("div", {}, h("strong", message), h("p", hint)))); return; }
    this.#leave().then(() => this.ready.refuse(message, hint)).catch(complain);
  }

  // Nothing has come of it: back to the beginning.
  async #leave() {
    const link = this.#link;
    await this.#silence();
    link?.close();
    this.#link = null;
    if (link) await this.kept.drop(link.record.id);
    markMine(null);
    this.turn.give();
    this.#show("ready");
  }

  async #ended(job) {
    const seen = this.#seen && !here().job, asked = this.#phase === "ending";
    await this.#leave();
    dispatchEvent(new Event("roomtone:changed"));
    this.room.captions.close();
    if (seen) go(job);
    toast(say(asked ? "live.ended" : "live.ended.elsewhere"), seen ? {} : { action: { label: say("action.open"), run: () => go(job) }, ms: 15000 });
  }

  // The server had ended the session while nobody was there; what is still kept goes on as another.
  #parted(job) {
    this.room.clear();
    toast(say("live.parted"), { hint: say("live.parted.hint"), action: { label: say("action.open"), run: () => go(job) }, ms: 30000 });
  }

  async #pause() {
    this.#show("paused");
    await this.#capture?.rest(true);
    this.room.level.rest();
    this.#link.rest(true);
  }

  async #goOn(asked = { source: this.ready.source, device: this.ready.device }) {
    this.room.note();
    if (this.#capture) await this.#capture.rest(false);
    else {
      try {
        this.#capture = await this.#listen(asked);
      } catch (error) { this.#noSound(error); return; }
    }
    this.#link.rest(false);
    this.#show("live");
  }

  async #stop() {
    this.#show("ending");
    await this.#silence();
    this.room.note();
    this.#link.stop();
    this.#tell();
  }

  async #silence() {
    const capture = this.#capture;
    this.#capture = null;
    await capture?.close();
    this.room.level.rest();
  }

  async #yield() {
    if (!this.#link) return;
    await this.#silence();
    this.#link.close();
    this.#link = null;
    this.#away("taken");
  }

  // Unplugged, or the person ended sharing: the session stays open until another source is there.
  async #gone(which) {
    const device = this.#capture?.device;
    await this.#silence();
    this.#lost = { which, device };
    this.#show("gone");
    this.#link?.rest(true);
    await this.#offer();
    this.#tell();
  }

  async #offer() {
    const all = (await microphones().catch(() => [])).filter((one) => one.label && !["default", "communications"].includes(one.id));
    const pick = h("select.rt-input", { id: "rt-live-other-mic", "aria-label": say("live.mic") }, h("option", { value: "" }, say("live.mic.usual")), all.map((one) => h("option", { value: one.id }, one.label)));
    this.room.note(troubleOf(`lost.${this.#lost.which}`, this.#lost.which === "mic" && all.length > 1 && pick, this.#again(() => ({ ...(this.#lost?.which === "mic" ? { source: "mic" } : { source: this.ready.source }), device: pick.value }))));
  }

  #again(asked = () => undefined) { return button({ icon: "mic", label: say("live.again"), kind: "primary", id: "rt-live-again", onclick: () => this.#goOn(asked()).catch(complain) }); }

  // The microphone that was pulled out is back.
  async #devices() {
    if (this.#phase !== "gone" || this.#lost?.which !== "mic") return;
    const back = (await microphones()).find((one) => one.id === this.#lost.device);
    if (back) await this.#goOn({ source: "mic", device: back.id });
    else await this.#offer();
  }

  async #settings() {
    const settings = await askSettings(this.#link.record.settings);
    if (!settings || !this.#link) return;
    keepSettings(settings);
    this.#link.change(settings);
    toast(say("live.settings.changed"), { ms: 4000 });
  }

  #show(phase) {
    this.#phase = phase;
    const live = ["live", "paused", "kept", "gone", "ending"].includes(phase);
    this.ready.element.hidden = phase !== "ready";
    this.elsewhere.hidden = phase !== "elsewhere";
    this.room.element.hidden = !live;
    document.documentElement.classList.toggle("rt-live-on", live);
    this.pill.show(live && !this.#seen, phase === "live");
    if (phase !== "ready") this.ready.leave();
    if (live) this.room.draw(phase, this.#link?.record.watch);
    if (live) this.others.element.hidden = true;
    else this.#look();
    this.#stayAwake();
    this.#tell();
  }

  #look() {
    if (!this.#seen) return;
    if (this.#phase === "ready") this.ready.look().catch(complain);
    this.others.look();
  }

  #sight(seen) {
    this.#seen = seen;
    this.pill.show(!seen && document.documentElement.classList.contains("rt-live-on"), this.#phase === "live");
    if (seen && ["ready", "elsewhere"].includes(this.#phase)) this.#look();
    if (!seen) this.ready.leave();
  }

  #tell() {
    const link = this.#link;
    if (!link || this.room.element.hidden) return;
    const seconds = (link.next + link.record.shift) / 10;
    this.room.clock(seconds);
    this.pill.clock(seconds);
    this.room.tell(stateOf({
      phase: this.#phase, net: this.#net, waiting_s: link.waiting_s, ending: this.#phase === "ending", lost: this.#lost?.which,
      muted: this.#muted, silent: this.#phase === "live" && !this.#shared && this.room.level.silent, lasting: this.kept.lasting, server: this.#server,
    }));
  }

  async #stayAwake() {
    const wanted = this.#phase === "live" && document.visibilityState === "visible";
    if (wanted && !this.#awake) {
      this.#awake = "asked";
      this.#awake = await navigator.wakeLock?.request("screen").catch(() => null) || null;
      this.#awake?.addEventListener("release", () => { this.#awake = null; });
    } else if (!wanted && this.#awake?.release) await this.#awake.release();
  }
}

customElements.define("rt-live", Live);

// Gradio builds a tab when it is opened for the first time: with sound kept from an earlier page, that is now.
async function openForKept() {
  if (await anotherIsLive()) return;
  const kept = await Kept.open();
  if (!(await kept.sessions()).length) return;
  const open = (tries) => {
    if (document.querySelector("rt-live") || !tries) return;
    document.getElementById("rt-tab-live-button")?.click();
    setTimeout(() => open(tries - 1), 200);
  };
  open(100);
}

openForKept().catch(complain);
