// What is to be written: the kind, how, in which language, by which model, and what is missing for it.
import { choice } from "./again.js";
import { button, fill, h, icon } from "./dom.js";
import { has, languageName, say, size } from "./texts.js";
import { trying } from "./toast.js";
import { Weights } from "./weights.js";
import { writeApi } from "./write_api.js";
import { editTemplates } from "./write_templates.js";
import "./packs.js";

const KEPT = "roomtone.write";
const OPTIONS = { polish: ["style", "language"], summary: ["length", "language"], translate: ["language"], subtitles: ["language"], free: ["instruction", "language"], template: ["template", "language"] };

export class WriteAsk {
  #told = null;
  #chosen = { kind: "minutes", style: "standard", length: "medium", language: "", target: roomtone.language === "zh" ? "en" : "zh", instruction: "", template: "", quality: "auto", thinking: false };

  /** `changed()` is called when something else was chosen; `spoken` is false for a text without times. */
  constructor(changed, { spoken = true, prefix = "rt-write" } = {}) {
    this.changed = changed;
    this.spoken = spoken;
    this.prefix = prefix;
    try { Object.assign(this.#chosen, JSON.parse(roomtone.kept.get(KEPT) || "{}")); } catch { /* the usual */ }
    this.kinds = h("div.rt-write-kinds", { role: "radiogroup", "aria-label": say("write.what") });
    this.options = h("div.rt-write-options");
    this.model = h("div.rt-write-model");
    this.lacking = h("div.rt-write-lacking");
    this.weights = new Weights(`${prefix}-fetch`, trying(() => this.load()));
    this.element = h("div.rt-write-ask", {}, this.kinds, this.options, this.model, this.lacking);
    this.#draw();
  }

  /** Asks the server what can be written here. */
  async load() { this.take(await writeApi.choices()); }

  take(told) {
    this.#told = told;
    this.#draw();
    this.changed();
  }

  set(change) {
    Object.assign(this.#chosen, change);
    roomtone.kept.set(KEPT, JSON.stringify(this.#chosen));
    this.#draw();
    this.changed();
  }

  /** Shows other kinds where the source is a text that nobody spoke. */
  suit(spoken) { if (spoken !== this.spoken) { this.spoken = spoken; this.#draw(); this.changed(); } }

  get kind() { return this.#there().includes(this.#chosen.kind) ? this.#chosen.kind : this.#there()[0]; }

  /** Whether it can be written on this machine now, and enough is known. */
  get possible() {
    const { kind } = this;
    if (!this.#told || !(this.#named() || this.#pair() || (!this.#told.pack && this.#told[this.#quality()]))) return false;
    return kind === "free" ? Boolean(this.#chosen.instruction.trim()) : kind !== "template" || Boolean(this.#template());
  }

  request() {
    const { kind } = this, { style, length, thinking } = this.#chosen, quality = this.#taken(), template = kind === "template" ? this.#template() : null;
    return {
      kind, style, length, quality, thinking, language: (this.#targeted() ? this.#chosen.target : this.#chosen.language) || null,
      instruction: kind === "free" ? this.#chosen.instruction.trim() : "", template: template?.text || "", template_name: template?.name || "",
    };
  }

  #there() { return (this.#told?.kinds || ["minutes", "summary", "polish"]).filter((kind) => this.spoken || !["subtitles", "chapters"].includes(kind)).sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)); }

  #targeted() { return ["translate", "subtitles"].includes(this.kind); }

  #quality() { return this.#chosen.quality === "quick" || (this.#chosen.quality === "auto" && this.#told.quick_kinds.includes(this.kind)) ? "quick" : "careful"; }

  /** What can be chosen as the model: a quality, or one that is here and does this. */
  #qualities() {
    const told = this.#told, title = (name) => told.models.find((one) => one.name === told[name])?.title || "";
    const here = (one) => one.installed && !one.pack, option = (one) => [`model:${one.name}`, one.title];
    const writers = told.models.filter(here), pairs = this.#targeted() ? told.translators.filter((one) => here(one) && one.into === this.#chosen.target) : [];
    const named = pairs.length || writers.length > 1 ? [...pairs, ...writers].map(option) : [];
    return [["auto", say("write.quality.auto")], ["quick", say("write.quality.quick", { model: title("quick") })], ["careful", say("write.quality.careful", { model: title("careful") })], ...named];
  }

  /** The choice that holds: one that was kept from another time may be gone. */
  #taken() { const { quality } = this.#chosen; return this.#told && this.#qualities().some(([key]) => key === quality) ? quality : "auto"; }

  /** Whether a model was chosen by its name: only those that are here can be. */
  #named() { return this.#taken().startsWith("model:"); }

  /** The small model that translates into the chosen language, where it is taken unasked; from which, the text tells. */
  #pair() { return (this.#targeted() && ["auto", "quick"].includes(this.#taken()) && this.#told?.translators.find((one) => one.usual && one.into === this.#chosen.target)) || null; }

  #template() { return this.#told?.templates.find((one) => one.id === this.#chosen.template) || this.#told?.templates[0] || null; }

  #draw() {
    const held = document.activeElement?.id;
    fill(this.kinds, this.#there().map((kind) => this.#kind(kind)));
    fill(this.options, (OPTIONS[this.kind] || ["language"]).map((name) => this[`_${name}`]()));
    fill(this.model, this.#told && [this._quality(), this._thinking()]);
    const lacking = this.#told && this.#missing();
    if (lacking !== this.weights.element) this.weights.show(null);
    fill(this.lacking, lacking);
    if (held?.startsWith(this.prefix)) document.getElementById(held)?.focus();
  }

  #kind(kind) {
    const on = kind === this.kind;
    const input = h("input", { type: "radio", name: `${this.prefix}-kind`, id: `${this.prefix}-${kind}`, value: kind, checked: on, onchange: () => this.set({ kind }) });
    return h(`label.rt-write-kind${on ? ".on" : ""}`, { title: say(`write.kind.${kind}.hint`) }, input, h("strong", say(`write.kind.${kind}`)), h("span", say(`write.kind.${kind}.hint`)));
  }

  #select(name, label, options, value, key = name) {
    const field = choice(`${this.prefix}-${name}`, label, options, value);
    field.querySelector("select").onchange = (event) => this.set({ [key]: event.target.value });
    return field;
  }

  _style() { return this.#select("style", say("write.style"), (this.#told?.styles || ["standard"]).map((one) => [one, say(`write.style.${one}`)]), this.#chosen.style); }

  _length() { return this.#select("length", say("write.length"), (this.#told?.lengths || ["medium"]).map((one) => [one, say(`write.length.${one}`)]), this.#chosen.length); }

  _language() {
    const known = (this.#told?.languages || []).map((code) => [code, nameOf(code)]);
    if (this.#targeted()) return this.#select("language", say("write.into"), known, this.#chosen.target, "target");
    return this.#select("language", say("write.language"), [["", say("write.language.same")], ...known], this.#chosen.language);
  }

  _instruction() {
    const area = h("textarea.rt-input", { rows: 4, maxLength: 2000, id: `${this.prefix}-instruction`, placeholder: say("write.instruction.example"), value: this.#chosen.instruction });
    area.oninput = () => { this.#chosen.instruction = area.value; roomtone.kept.set(KEPT, JSON.stringify(this.#chosen)); this.changed(); };
    return h("label.rt-field", {}, h("span", say("write.instruction")), area);
  }

  _template() {
    const all = this.#told?.templates || [];
    const edit = button({ label: say(all.length ? "write.templates" : "write.templates.first"), icon: "edit", id: `${this.prefix}-templates`, onclick: trying(async () => {
      const told = await editTemplates(all, this.#template()?.id);
      if (told) { this.#told.templates = told.templates; this.set({ template: told.id || this.#chosen.template }); }
    }) });
    const pick = all.length > 0 && this.#select("template", say("write.template"), all.map((one) => [one.id, one.name]), this.#template()?.id);
    return h("div.rt-write-template", {}, pick, edit);
  }

  _quality() {
    const field = this.#select("quality", say("write.quality"), this.#qualities(), this.#taken()), told = this.#told;
    const title = (name) => told.models.find((one) => one.name === told[name])?.title || "", [quick, careful] = [title("quick"), title("careful")], pair = this.#pair();
    const hint = this.#taken() === "auto" && careful && (this.#quality() === "quick" ? say("write.auto.quick", { model: quick }) : told.long_is_quick && quick !== careful ? say("write.auto.long", { quick, careful }) : say("write.auto.careful", { model: careful }));
    const hints = [pair && say("write.auto.pair", { model: pair.title, from: nameOf(pair.from), into: nameOf(pair.into) }), hint && (pair ? say("write.auto.others", { hint }) : hint)].filter(Boolean);
    return [field, hints.map((text) => h("p.rt-hint", text))];
  }

  _thinking() {
    const box = h("input", { type: "checkbox", id: `${this.prefix}-thinking`, checked: this.#chosen.thinking, onchange: () => this.set({ thinking: box.checked }) });
    return h("label.rt-check", { title: say("write.thinking.hint") }, box, h("span", say("write.thinking")));
  }

  /** What has to be there before the first word: a pack, a model, or another server's address. */
  #missing() {
    const told = this.#told;
    const pair = this.#pair();
    if (this.#named()) return null;
    if (pair && !pair.installed) return this.#weights(pair);
    if (told.pack && !pair) return [h("p.rt-hint", say("write.lacks.pack")), h("rt-pack", { pack: told.pack })];
    const name = told[this.#quality()], model = told.models.find((one) => one.name === name);
    if (!name && pair) return null;
    if (!name) return h("p.rt-note", {}, icon("info"), h("span", say("write.lacks.model")));
    return !model || model.installed ? null : this.#weights(model);
  }

  #weights(model) {
    this.weights.show({ ...model, model: model.name }, say("write.lacks.weights", { model: model.title, size: size(model.download_bytes) }));
    return this.weights.element;
  }
}

const ORDER = ["minutes", "summary", "polish", "translate", "subtitles", "chapters", "title", "template", "free"];

/** Returns a language's name; those that nobody speaks as such have one of ours. */
export const nameOf = (code) => (has(`write.language.${code}`) ? say(`write.language.${code}`) : languageName(code));
