// How a text is read: voice, speed, listening back, and the rest in a drawer.
import { choice } from "./again.js";
import { KINDS } from "./aloud_api.js";
import { Voices } from "./aloud_voices.js";
import { pronunciations } from "./aloud_words.js";
import { button, fill, h } from "./dom.js";
import { say } from "./texts.js";
import { trying } from "./toast.js";
import "./packs.js";

const KEPT = "roomtone.aloud";
const SPEEDS = [0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2];

export class AloudSettings {
  #chosen = { voice: "", speed: 1, check: false, format: "mp3", cut: 200, in_time: false };

  /** `changed()` is called when something else was chosen, `again()` when the voices have to be asked for anew. */
  constructor(changed, again) {
    this.changed = changed;
    try { Object.assign(this.#chosen, JSON.parse(roomtone.kept.get(KEPT) || "{}")); } catch { /* the usual */ }
    this.voices = new Voices(this.#chosen.voice, (voice) => this.#set({ voice }), again);
    this.lacking = h("div.rt-aloud-lacking");
    this.element = h("aside.rt-panel.rt-aloud-settings", {}, h("h2", say("aloud.voice")), this.lacking, this.voices.element, this.#rest());
  }

  /** Whether the chosen voice can speak on this machine now. */
  get possible() {
    const { all, one } = this.voices;
    return all.length > 0 && !(one || all[0]).pack;
  }

  take({ voices, speakers }) {
    this.voices.take(voices, speakers);
    const pack = voices[0]?.pack;
    fill(this.lacking, pack && h("rt-pack", { pack }));
    this.changed();
  }

  request() {
    const { voice, speed, check, format, cut, in_time } = this.#chosen;
    return { voice, speed: Number(speed), check, format, cut: Number(cut), in_time };
  }

  #set(change) {
    Object.assign(this.#chosen, change);
    roomtone.kept.set(KEPT, JSON.stringify(this.#chosen));
    this.changed();
  }

  #rest() {
    const speed = choice("rt-aloud-speed", say("aloud.speed"), SPEEDS.map((one) => [String(one), say(one === 1 ? "aloud.speed.usual" : "aloud.speed.times", { n: one })]), String(this.#chosen.speed));
    speed.querySelector("select").onchange = (event) => this.#set({ speed: Number(event.target.value) });
    const format = choice("rt-aloud-format", say("aloud.format"), KINDS.map((one) => [one, say(`aloud.format.${one}`)]), this.#chosen.format);
    format.querySelector("select").onchange = (event) => this.#set({ format: event.target.value });
    const cut = h("input.rt-input", { type: "number", min: 0, max: 400, step: 10, value: this.#chosen.cut, id: "rt-aloud-cut" });
    cut.onchange = () => { cut.value = Math.min(400, Math.max(0, Math.round(cut.valueAsNumber || 0))); this.#set({ cut: Number(cut.value) }); };
    const words = button({ label: say("aloud.words"), icon: "text", id: "rt-aloud-words", onclick: trying(pronunciations) });
    return h("div.rt-aloud-more", {}, speed, this.#tick("check", say("aloud.check"), say("aloud.check.hint")), this.#tick("in_time", say("aloud.inTime"), say("aloud.inTime.hint")), words,
      h("details", {}, h("summary", say("form.more")), format, h("label.rt-field", {}, h("span", say("aloud.cut")), cut, h("small.rt-hint", say("aloud.cut.hint")))));
  }

  #tick(name, label, hint) {
    const input = h("input", { type: "checkbox", id: `rt-aloud-${name}`, checked: this.#chosen[name], onchange: () => this.#set({ [name]: input.checked }) });
    return h("label.rt-aloud-tick", {}, input, h("span", {}, h("strong", label), h("small", hint)));
  }
}
