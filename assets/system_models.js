// Models: what is on this machine and in memory, and what can be done with each.
import { api } from "./api.js";
import { button, fill, h, icon } from "./dom.js";
import { moment, say, size } from "./texts.js";
import { isOpen, termsOf } from "./terms.js";
import { dialog, menu, toast, trying } from "./toast.js";
import { MIB, doing, placeOf } from "./system_memory.js";
import { figuresOf, settingsOf, speedTold } from "./system_dialogs.js";

const mib = (n) => size(n * MIB);
const TASKS = ["automatic-speech-recognition", "speaker-diarization", "text-generation", "audio-to-audio", "text-to-speech", "video-to-video"];
const ONE_BY_ONE = ["text-generation", "text-to-speech", "video-to-video"];

export class Models {
  #again;
  #rows = new Map();
  #coming = new Set();

  constructor(body, again) {
    this.#again = again;
    this.usual = h("ul.rt-models");
    this.others = h("ul.rt-models");
    this.more = h("details", {}, h("summary"), this.others);
    fill(body, h("p.rt-hint", say("system.models.hint")), this.usual, this.more);
  }

  show(models) {
    const usual = models.filter((model) => !model.english_only || model.installed || model.fetching), english = models.filter((model) => !usual.includes(model));
    usual.sort((a, b) => b.installed - a.installed || TASKS.indexOf(a.task) - TASKS.indexOf(b.task) || a.rank - b.rank);
    this.#list(this.usual, usual);
    this.#list(this.others, english);
    this.more.hidden = english.length === 0;
    this.more.firstElementChild.textContent = say("system.models.english", { n: english.length });
    for (const model of models) this.#offer(model);
  }

  // Rows stay as they are while nothing changes, so that a press never misses its button.
  #list(list, models) {
    const rows = models.map((model) => {
      const loaded = model.loaded && { ...model.loaded, idle_s: Math.floor(model.loaded.idle_s / 10), held_mib: Math.round(model.loaded.held_mib / 5) };
      const told = JSON.stringify({ ...model, loaded }), known = this.#rows.get(model.name);
      if (known?.told === told) return known.row;
      const held = document.activeElement?.closest?.("[data-act]")?.dataset.act, had = known?.row.contains(document.activeElement);
      const row = this.#row(model);
      if (had && held) setTimeout(() => row.querySelector(`[data-act="${held}"]`)?.focus());
      this.#rows.set(model.name, { told, row });
      return row;
    });
    if (rows.length !== list.children.length || rows.some((row, at) => list.children[at] !== row)) list.replaceChildren(...rows);
  }

  // A model that was just fetched is worth a minute of measuring.
  #offer(model) {
    if (model.fetching) this.#coming.add(model.name);
    else if (model.installed && this.#coming.delete(model.name) && model.figures.source === "guess") {
      toast(say("room.offer", { model: model.title }), { ms: 30000, action: { label: say("room.offer.do"), run: this.#act(() => api.measureModel(model.name)) } });
    }
  }

  #act = (work) => trying(async () => { const told = await work(); this.#again(); return told; });

  #row(model) {
    const going = model.fetching, share = going?.progress ?? 0;
    const bar = going && h(`div.rt-bar${going.progress === null ? ".unknown" : ""}`, { role: "progressbar", "aria-label": model.title, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(share * 100) });
    bar?.style.setProperty("--share", share);
    const facts = [say(`task.${model.task}`), size(model.disk_bytes || model.download_bytes), model.licence, model.english_only && say("system.english"), model.pack && say("room.pack", { pack: say(`pack.${model.pack}`) })].filter(Boolean).join(" · ");
    const name = h("div.rt-model-name", {}, h("strong", model.title), model.choice.pinned && h("span.rt-chip", say("memory.pinned")));
    return h("li.rt-model", { data: { model: model.name } }, h("div", {}, name, h("span.rt-hint", facts), model.installed && this.#figures(model), this.#notes(model), !model.installed && !model.unchecked && termsOf(model.name, model.terms, this.#again), bar), this.#tools(model));
  }

  #figures(model) {
    const known = model.figures, measured = known.source === "measured";
    // What writes, speaks or draws takes one thing after another, and its speed has a measure of its own.
    const alone = ONE_BY_ONE.includes(model.task);
    const needs = alone ? say("room.needs.alone", { resident: mib(known.resident_mib + known.working_mib) }) : say("room.needs", { resident: mib(known.resident_mib), item: mib(known.working_item_mib) });
    const told = [needs, (measured || !alone) && speedTold(model, known.realtime_x)].filter(Boolean).join(" · ");
    return h("span.rt-model-figures", {}, `${told} `, h(`button.rt-chip.${measured ? "measured" : "guess"}`, { type: "button", title: say(`room.source.${known.source}.hint`), data: { act: "figures" }, onclick: () => figuresOf(model, this.#act) }, say(`room.source.${known.source}`)));
  }

  #notes(model) {
    const { calibration: measuring, errand, figures } = model, notes = [];
    const error = (told) => told && h("span.rt-card-error", [told.message, told.hint].filter(Boolean).join(" "));
    if (measuring?.state === "running") notes.push(h("span.rt-hint", say("room.measuring", { percent: Math.round((measuring.progress || 0) * 100) })));
    else if (measuring?.state === "waiting" && measuring.gave_way) notes.push(h("span.rt-hint", say("room.measure.gave_way")));
    else if (measuring?.state === "waiting") notes.push(h("span.rt-hint", say("room.measure.waiting")));
    if (errand?.what === "verify" && !errand.done_at) notes.push(h("span.rt-hint", say("room.verifying", { percent: Math.round((errand.progress || 0) * 100) })));
    else if (errand?.what === "verify" && !errand.error) notes.push(h("span.rt-hint", say("room.verified", { when: moment(errand.done_at) })));
    if (figures.limit === 0) notes.push(h("span.rt-hint", say("room.limit.none")));
    else if (figures.limit) notes.push(h("span.rt-hint", say("room.limit", { n: figures.limit })));
    return [...notes, error(measuring?.error), error(errand?.error), model.error && h("span.rt-card-error", model.error.message || say("system.fetch.failed"))];
  }

  #tools(model) {
    const { loaded } = model, loading = model.errand?.what === "load" && !model.errand.done_at;
    if (model.fetching) return h("span.rt-state.running", model.fetching.progress === null ? "…" : `${Math.round(model.fetching.progress * 100)} %`);
    if (!model.installed && !model.unchecked && isOpen(model.terms)) return null;
    const bring = say(model.unchecked ? "system.check" : "system.fetch");
    if (!model.installed) return button({ label: bring, icon: model.unchecked ? "check" : "download", data: { act: "fetch" }, "aria-label": `${bring} ${model.title}`, title: model.unchecked ? say("system.check.hint") : undefined, onclick: this.#act(() => api.fetchModel(model.name)) });
    const state = loaded ? h("span.rt-state.running", [doing(loaded), mib(loaded.held_mib)].join(" · ")) : loading ? h("span.rt-state.running", say("room.loading")) : h("span.rt-state", {}, icon("check"), say("system.here"));
    const press = loaded ? button({ label: say("room.unload"), data: { act: "load" }, "aria-label": `${say("room.unload")} ${model.title}`, onclick: this.#act(() => this.#unload(model)) })
      : button({ label: say("room.load"), data: { act: "load" }, disabled: loading, "aria-label": `${say("room.load")} ${model.title}`, onclick: this.#act(() => api.loadModel(model.name)) });
    const more = button({ icon: "more", title: say("room.more", { model: model.title }), kind: "quiet", data: { act: "more" }, "aria-haspopup": "menu", onclick: (event) => this.#menu(model, event.currentTarget) });
    return h("div.rt-model-tools", {}, h("div.rt-model-state", {}, state, loaded && h("span.rt-hint", placeOf(loaded.place))), press, more);
  }

  async #unload(model) {
    const { gone } = await api.unloadModel(model.name);
    toast(say(gone ? "room.unloaded" : "room.unload.later", { model: model.title }));
  }

  #menu(model, anchor) {
    const measuring = ["running", "waiting"].includes(model.calibration?.state);
    menu(anchor, [
      { label: say("room.settings"), run: () => settingsOf(model, this.#act) },
      { label: say("room.figures"), run: () => figuresOf(model, this.#act) },
      measuring ? { label: say("room.stop_measuring"), run: this.#act(() => api.stopMeasuring(model.name)) } : { label: say("room.measure"), run: this.#act(() => api.measureModel(model.name)) },
      { label: say("room.verify"), run: this.#act(() => api.verifyModel(model.name)) },
      model.own && { label: say("room.delete"), kind: "bad", run: this.#act(() => this.#delete(model)) },
    ]);
  }

  async #delete(model) {
    const sure = await dialog(say("room.delete.title", { model: model.title }), (close) => [h("p", say("room.delete.body", { size: size(model.disk_bytes || model.download_bytes) })),
      h("footer", {}, button({ label: say("action.cancel"), onclick: () => close(false) }), button({ label: say("room.delete.do"), kind: "primary", id: "rt-delete-model", onclick: () => close(true) }))], "small");
    if (!sure) return;
    await api.deleteModel(model.name);
    toast(say("room.deleted", { model: model.title }));
  }
}
