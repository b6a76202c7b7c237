// <rt-system>: models, packs and memory of the machine.
import { api } from "./api.js";
import "./packs.js";
import { button, fill, h, icon } from "./dom.js";
import { say, size } from "./texts.js";
import { complain, toast, trying } from "./toast.js";

const MIB = 2 ** 20;

class System extends HTMLElement {
  #made = false;
  #timer = null;

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    const part = (id, title) => { const body = h("div"); this.append(h("section.rt-panel", { id }, h("h2", title), body)); return body; };
    this.memory = part("rt-memory", say("system.memory"));
    this.models = part("rt-models", say("system.models"));
    this.packs = part("rt-packs", say("system.packs"));
    new IntersectionObserver((seen) => { clearTimeout(this.#timer); if (seen[0].isIntersecting) this.#look(); }).observe(this);
  }

  // Looks again while the tab is seen.
  async #look() {
    clearTimeout(this.#timer);
    try {
      const [system, models, packs] = await Promise.all([api.system(), api.models(), this.packs.childElementCount ? null : api.packs()]);
      this.#memory(system);
      this.#models(models);
      if (packs) this.#packs(packs.packs);
    } catch (error) { complain(error); }
    if (this.offsetParent) this.#timer = setTimeout(() => this.#look(), 2500);
  }

  #memory(system) {
    const machine = system.machine || {}, loaded = system.residents || system.resident || [];
    const gauge = (label, used, total) => {
      const bar = h("div.rt-bar", { role: "meter", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": Math.round(total), "aria-valuenow": Math.round(used) });
      bar.style.setProperty("--share", total ? used / total : 0);
      return h("div.rt-gauge", {}, h("span", label), bar, h("span.rt-gauge-told", say("system.of", { used: size(used * MIB), total: size(total * MIB) })));
    };
    const gauges = [machine.ram_mib && gauge(say("system.ram"), machine.ram_mib - machine.ram_free_mib, machine.ram_mib),
      ...(machine.gpus || []).map((gpu) => gauge(gpu.name, gpu.total_mib - gpu.free_mib, gpu.total_mib))];
    const rows = loaded.map((one) => h("li", {}, h("strong", one.title || one.name), h("span", [stateOf(one), one.place && placeOf(one.place), one.rss_mib && size(one.rss_mib * MIB)].filter(Boolean).join(" · "))));
    const clear = button({ label: say("system.clear"), icon: "broom", id: "rt-clear", onclick: trying(() => this.#clear()) });
    fill(this.memory, gauges, h("h3", say("system.loaded")), rows.length ? h("ul.rt-plain", {}, rows) : h("p.rt-hint", say("system.none")), h("div.rt-row", {}, clear, h("p.rt-hint", say("system.clear.hint"))));
  }

  async #clear() {
    const told = await api.clearMemory();
    const freed = told.before_mib - told.after_mib, held = (told.held || []).length;
    toast(freed > 0 ? say("system.freed", { before: size(told.before_mib * MIB), after: size(told.after_mib * MIB) }) : say("system.nothing"), { hint: held ? say("system.held", { n: held }) : "" });
    this.#look();
  }

  #models(models) {
    const usual = models.filter((model) => !model.english_only || model.installed || model.fetching);
    const english = models.filter((model) => !usual.includes(model));
    usual.sort((a, b) => b.installed - a.installed || a.rank - b.rank);
    const list = (some) => h("ul.rt-models", {}, some.map((model) => this.#model(model)));
    const open = this.models.querySelector("details")?.open;
    fill(this.models, h("p.rt-hint", say("system.models.hint")), list(usual),
      english.length > 0 && h("details", { open }, h("summary", say("system.models.english", { n: english.length })), list(english)));
  }

  #model(model) {
    const going = model.fetching, share = going?.progress || 0, bar = going && h("div.rt-bar", { role: "progressbar", "aria-label": model.title, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(share * 100) });
    bar?.style.setProperty("--share", share);
    const fetchIt = trying(async () => { await api.fetchModel(model.name); this.#look(); });
    const state = model.installed ? h("span.rt-state.succeeded", {}, icon("check"), say("system.here"))
      : going ? h("span.rt-state.running", `${Math.round(share * 100)} %`)
        : button({ label: say("system.fetch"), icon: "download", "aria-label": `${say("system.fetch")} ${model.title}`, onclick: fetchIt });
    const facts = [size(model.download_bytes), model.licence, model.english_only && say("system.english")].filter(Boolean).join(" · ");
    return h("li", {}, h("div", {}, h("strong", model.title), h("span.rt-hint", facts), model.error && h("span.rt-card-error", model.error.message || say("system.fetch.failed")), bar), state);
  }

  #packs(packs) {
    this.packs.parentElement.hidden = packs.length === 0;
    fill(this.packs, h("p.rt-hint", say("system.packs.hint")), h("ul.rt-models", {}, packs.map((pack) => h("li", {}, h("rt-pack", { pack: pack.name })))));
  }
}

const stateOf = (one) => say(`resident.${one.state}`);
const placeOf = (place) => { const device = typeof place === "object" ? place.device : place; return device.startsWith("cuda") ? say("system.gpu") : say("system.cpu"); };

customElements.define("rt-system", System);
