// How sound is cleaned up: the ways with the time that each takes here, and the rest in a drawer.
import { choice } from "./again.js";
import { fill, h } from "./dom.js";
import { roughly, say, size } from "./texts.js";
import { Weights } from "./weights.js";
import "./packs.js";

const KEPT = "roomtone.sound";
const MINUTES = 10;
const WAYS = [
  { name: "denoise", kind: "denoise", mode: 0, cost: 1 },
  { name: "restore", kind: "restore", mode: 0, cost: 1 },
  { name: "high", kind: "restore", mode: 1, cost: 1.05 },
  { name: "damaged", kind: "restore", mode: 2, cost: 1.1 },
];
const STRENGTHS = [1, 0.8, 0.6, 0.4];
const LOUDNESSES = ["keep", "-16", "-23"];

export class SoundSettings {
  #choices = [];
  #chosen = { way: "denoise", strength: 1, loudness: "keep", trim: false };

  /** `changed()` is called when something else was chosen, `ask()` to be given the choices as they are now. */
  constructor(changed, ask) {
    this.changed = changed;
    try { Object.assign(this.#chosen, JSON.parse(roomtone.kept.get(KEPT) || "{}")); } catch { /* the usual */ }
    this.ways = h("div.rt-ways", { role: "radiogroup", "aria-label": say("sound.way") });
    this.lacking = h("div.rt-sound-lacking");
    this.weights = new Weights("rt-sound-fetch", ask);
    this.element = h("aside.rt-panel.rt-sound-settings", {}, h("h2", say("sound.way")), this.ways, this.lacking, this.weights.element, this.#drawer());
    this.#draw();
  }

  /** Whether what is chosen can be done on this machine now. */
  get possible() {
    const told = this.#toldOf(this.#way());
    return Boolean(told && told.can_run && !told.pack);
  }

  /** Whether the weights of what is chosen are not here yet. */
  get lacks() { return this.#toldOf(this.#way())?.installed === false; }

  take(choices) {
    this.#choices = choices;
    this.#draw();
    this.changed();
  }

  request() {
    const { kind, mode } = this.#way(), { strength, loudness, trim } = this.#chosen;
    return { kind, mode, strength: Number(strength), loudness, trim };
  }

  #way() { return WAYS.find((way) => way.name === this.#chosen.way) || WAYS[0]; }

  #toldOf(way) { return this.#choices.find((one) => one.kind === way.kind); }

  #set(change) {
    Object.assign(this.#chosen, change);
    roomtone.kept.set(KEPT, JSON.stringify(this.#chosen));
    this.#draw();
    this.changed();
  }

  #draw() {
    const there = WAYS.filter((way) => this.#toldOf(way) || way.kind === "denoise");
    fill(this.ways, there.map((way) => this.#one(way)));
    const told = this.#toldOf(this.#way());
    fill(this.lacking, told?.pack && h("rt-pack", { pack: told.pack }), told && !told.can_run && h("p.rt-hint", say("sound.cannot")));
    const lacks = told && !told.pack && told.can_run && !told.installed;
    this.weights.show(lacks && told, lacks && say("sound.weights", { model: told.title, size: size(told.download_bytes), source: told.source }));
  }

  #one(way) {
    const told = this.#toldOf(way), on = this.#way() === way;
    const input = h("input", { type: "radio", name: "rt-sound-way", value: way.name, checked: on, onchange: () => this.#set({ way: way.name }) });
    const takes = told && roughly(MINUTES * 60 * way.cost / told.realtime_x);
    return h(`label.rt-way${on ? ".on" : ""}`, {}, input,
      h("strong", say(`sound.way.${way.name}`)), h("span", say(`sound.way.${way.name}.hint`)),
      told && h("span.rt-way-time", told.can_run ? say("sound.takes", { minutes: MINUTES, time: takes }) : say("sound.cannot")));
  }

  #drawer() {
    const strength = choice("rt-sound-strength", say("sound.strength"), STRENGTHS.map((one) => [String(one), say(`sound.strength.${Math.round(one * 100)}`)]), String(this.#chosen.strength));
    const loudness = choice("rt-sound-loudness", say("sound.loudness"), LOUDNESSES.map((one) => [one, say(`sound.loudness.${one}`)]), this.#chosen.loudness);
    strength.querySelector("select").onchange = (event) => this.#set({ strength: Number(event.target.value) });
    loudness.querySelector("select").onchange = (event) => this.#set({ loudness: event.target.value });
    const trim = h("input", { type: "checkbox", id: "rt-sound-trim", checked: this.#chosen.trim, onchange: () => this.#set({ trim: trim.checked }) });
    return h("div.rt-sound-more", {}, strength, loudness, h("label.rt-check", {}, trim, h("span", say("sound.trim"))));
  }
}
