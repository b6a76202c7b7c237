// A sentence before anything begins: how loud it is, what is understood of it, and how it sounds. Nothing is kept.
import { button, h } from "./dom.js";
import { Capture } from "./live_capture.js";
import { Level } from "./live_level.js";
import { say } from "./texts.js";
import { complain } from "./toast.js";

const RATE = 16000, BEFORE = 5, LEAST = 3, SILENCE = 10, MOST = 120, UNSURE = 60, ABOVE_DB = 7, FLOOR_DB = -56;

/**
 * Finds where a sentence begins and ends, packet by packet of 100 ms. What is well above the quietest that was heard
 * lately counts as speech; where nothing is for a while, the server, which knows speech from noise, is asked instead.
 */
class Sentence {
  #quietest = -40;
  #packets = [];
  #spoken = 0;
  #silent = 0;

  /** Takes a packet; returns {packets, sure} when a sentence has ended with this one, or might have, else null. */
  take(packet) {
    const db = loudness(packet);
    this.#quietest = Math.min(db, this.#quietest + 0.1);
    const loud = db > Math.max(FLOOR_DB, this.#quietest + ABOVE_DB);
    if (loud && !this.#spoken) this.#packets = this.#packets.slice(-BEFORE);
    this.#packets.push(packet);
    if (loud) { this.#spoken += 1; this.#silent = 0; } else this.#silent += 1;
    const sure = this.#spoken >= LEAST, packets = this.#packets;
    const over = this.#spoken ? this.#silent >= SILENCE || packets.length >= MOST : packets.length >= UNSURE;
    if (!over) return null;
    const click = this.#spoken > 0 && !sure;
    this.clear();
    return click ? null : { packets, sure };
  }

  clear() { this.#packets = []; this.#spoken = this.#silent = 0; }
}

function loudness(packet) {
  const samples = new Int16Array(packet);
  const sum = samples.reduce((all, one) => all + (one / 32768) ** 2, 0);
  return 10 * Math.log10(Math.max(1e-12, sum / Math.max(1, samples.length)));
}

/** The row under the choice of a microphone; `settings()` says how what is understood is to be written. */
export class Trial {
  #capture = null;
  #busy = false;
  #last = null;
  #player = null;

  constructor(settings) {
    this.settings = settings;
    this.level = new Level({ verdict: true });
    this.sentence = new Sentence();
    this.words = h("p.rt-trial-words", { role: "status", dir: "auto" });
    this.play = button({ icon: "play", label: say("live.trial.play"), kind: "text", id: "rt-live-hear", hidden: true, onclick: () => this.#hear() });
    this.line = h("div.rt-trial", {}, this.words, this.play);
  }

  /** Opens the microphone; raises NoSound. `lost` is called when it is gone. */
  async open(device, lost) {
    this.#capture = new Capture({
      level: (rms, peak) => this.level.hear(rms, peak),
      packet: (packet) => this.#take(packet),
      lost,
    });
    this.#tell("rest", say("live.trial.say"));
    await this.#capture.open({ source: "mic", device });
  }

  close() {
    this.#capture?.close();
    this.#capture = null;
    this.#player?.close();
    this.#player = null;
  }

  #take(packet) {
    // While a sentence is being understood or heard again, nothing new begins.
    if (this.#busy || this.#player) return;
    const found = this.sentence.take(packet);
    if (found) this.#understand(found).catch(complain);
  }

  async #understand({ packets, sure }) {
    const sound = joined(packets);
    this.#busy = true;
    if (sure) this.#tell("rest", say("live.trial.writing"));
    try {
      const address = `api/live/trial?settings=${encodeURIComponent(JSON.stringify(this.settings()))}`;
      const headers = { "X-Roomtone": "1", "X-Roomtone-Language": roomtone.language, "Content-Type": "application/octet-stream" };
      const answer = await fetch(address, { method: "POST", headers, body: sound }).catch(() => null);
      const told = await answer?.json().catch(() => null);
      if (!this.#capture || (!sure && !told?.text)) return;
      this.#last = sound;
      this.play.hidden = false;
      this.#show(answer?.ok ? told : null, told?.error?.message);
    } finally { this.#busy = false; }
  }

  #show(told, trouble) {
    if (!told) this.#tell("bad", trouble || say("live.trial.unreachable"));
    else if (told.text === null) this.#tell("rest", say(`live.trial.${told.waiting}`));
    else if (!told.text) this.#tell("bad", say("live.trial.nothing"));
    else { this.words.lang = told.language || ""; this.#tell("good", told.text); }
  }

  #tell(kind, text) {
    this.line.dataset.kind = kind;
    if (kind !== "good") this.words.lang = "";
    this.words.textContent = text;
  }

  // The microphone would hear it too: it is not listened to meanwhile.
  #hear() {
    if (this.#player) return;
    const player = new AudioContext(), samples = new Int16Array(this.#last), sound = player.createBuffer(1, samples.length, RATE);
    sound.copyToChannel(Float32Array.from(samples, (one) => one / 32768), 0);
    const source = player.createBufferSource();
    source.buffer = sound;
    source.connect(player.destination);
    source.onended = () => { player.close(); if (this.#player === player) { this.#player = null; this.sentence.clear(); } };
    this.#player = player;
    source.start();
  }
}

function joined(packets) {
  const whole = new Uint8Array(packets.reduce((all, one) => all + one.byteLength, 0));
  let at = 0;
  for (const packet of packets) { whole.set(new Uint8Array(packet), at); at += packet.byteLength; }
  return whole.buffer;
}
