// Memory: how full it is, which models hold it, and what clearing brings.
import { api } from "./api.js";
import { button, fill, h } from "./dom.js";
import { roughly, say, size } from "./texts.js";
import { dialog, trying } from "./toast.js";

export const MIB = 2 ** 20;
const mib = (n) => size(n * MIB);

/** Returns a bar with what is used of how much. */
export function gauge(label, used, total) {
  const bar = h("div.rt-bar", { role: "meter", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": Math.round(total), "aria-valuenow": Math.round(used) });
  bar.style.setProperty("--share", total ? used / total : 0);
  return h("div.rt-gauge", {}, h("span", label), bar, h("span.rt-gauge-told", say("system.of", { used: mib(used), total: mib(total) })));
}

/** Returns what a model in memory is doing, in words. */
export function doing(one) {
  if (one.state === "loading" || one.state === "waiting" || one.state === "unloading") return say(`memory.${one.state}`);
  if (one.leases > 0) return one.leaving ? say("memory.leaving") : say("memory.busy");
  return one.idle_s < 10 ? say("memory.idle.now") : say("memory.idle", { time: roughly(one.idle_s) });
}

/** Returns where it runs. */
export const placeOf = (place) => (place.device.startsWith("cuda") ? say("system.gpu") : say("system.cpu"));

export class Memory {
  #again;

  constructor(body, again) {
    this.#again = again;
    this.gauges = h("div.rt-gauges");
    this.loaded = h("ul.rt-plain");
    this.result = h("div.rt-cleared", { hidden: true, role: "status" });
    this.clear = button({ label: say("system.clear"), icon: "broom", id: "rt-clear", onclick: trying(() => this.#clear("clearMemory")) });
    fill(body, this.gauges, h("h3", say("system.loaded")), this.loaded, h("div.rt-row", {}, this.clear, h("p.rt-hint", say("system.clear.hint"))), this.result);
  }

  show(system) {
    const machine = system.machine, loaded = system.residents;
    fill(this.gauges, gauge(say("system.ram"), machine.ram_mib - machine.ram_free_mib, machine.ram_mib),
      machine.gpus.map((gpu) => gauge(gpu.name, gpu.total_mib - gpu.free_mib, gpu.total_mib)));
    const told = (one) => [doing(one), one.pinned && say("memory.pinned"), placeOf(one.place), one.held_mib && mib(one.held_mib)].filter(Boolean).join(" · ");
    fill(this.loaded, loaded.length ? loaded.map((one) => h("li", {}, h("strong", one.title), h("span", told(one)))) : h("li", {}, h("span.rt-hint", say("system.none"))));
  }

  async #clear(how) {
    const label = this.clear.querySelector("span"), was = label.textContent;
    this.clear.disabled = true;
    label.textContent = say("memory.clearing");
    try { this.#tell(await api[how]()); } finally { this.clear.disabled = false; label.textContent = was; }
    this.#again();
  }

  #tell(told) {
    const name = (place) => (place.device === "cpu" ? say("memory.cpu") : place.name || say("system.gpu"));
    const freed = told.places.reduce((most, place) => Math.max(most, place.before_mib - place.after_mib), 0);
    const busy = told.holders.some((one) => one.why === "busy");
    const why = (one) => (one.why === "busy" && !one.n_jobs ? say("memory.why.busy.none") : say(`memory.why.${one.why}`, { n: one.n_jobs }));
    const program = (one) => h("li", {}, h("span", one.name || say("memory.program.unknown", { pid: one.pid })), h("span", one.used_mib === null ? say("memory.program.unsaid") : mib(one.used_mib)));
    this.result.hidden = false;
    fill(this.result,
      h("header", {}, h("strong", freed > 0 ? say("memory.freed", { size: mib(freed) }) : say("memory.nothing")), button({ icon: "close", title: say("memory.result.close"), kind: "quiet", onclick: () => { this.result.hidden = true; } })),
      h("ul.rt-plain", {}, told.places.map((place) => h("li", {}, h("span", name(place)), h("span", say("memory.before_after", { before: mib(place.before_mib), after: mib(place.after_mib) }))))),
      told.holders.length > 0 && [h("h3", say("memory.holders")), h("ul.rt-plain", {}, told.holders.map((one) => h("li", {}, h("span", `${one.title} · ${why(one)}`), h("span", mib(one.mib))))),
        busy && h("div", {}, button({ label: say("memory.interrupt"), id: "rt-interrupt", onclick: trying(() => this.#interrupt()) }))],
      told.programs && h("h3", say("memory.programs")), told.programs && (told.programs.length ? h("ul.rt-plain", {}, told.programs.map(program)) : h("p.rt-hint", say("memory.programs.none"))));
  }

  async #interrupt() {
    const sure = await dialog(say("memory.interrupt.title"), (close) => [h("p", say("memory.interrupt.body")),
      h("footer", {}, button({ label: say("action.cancel"), onclick: () => close(false) }), button({ label: say("memory.interrupt.do"), kind: "primary", onclick: () => close(true) }))], "small");
    if (sure) await this.#clear("interruptMemory");
  }
}

