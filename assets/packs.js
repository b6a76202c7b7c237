// <rt-pack pack="speakers">: what a pack brings, and its installation. The list of packs is made of these, and a tab whose
// pack is missing shows one in the place of its work.
import { api } from "./api.js";
import { button, fill, h, icon } from "./dom.js";
import { say, size } from "./texts.js";
import { complain, toast, trying } from "./toast.js";
import { openTab } from "./way.js";

const BUSY_MS = 1000, CALM_MS = 10000;

/** Asks for the state of all packs while somebody sees it. */
class Packs {
  #followers = new Set();
  #timer = null;
  #busy = "";

  /** Calls `fn({packs, obstacle})` now and after each change; `sees()` tells whether it is looked at. Returns a function that ends it. */
  follow(fn, sees) {
    const one = { fn, sees };
    this.#followers.add(one);
    this.look();
    return () => this.#followers.delete(one);
  }

  /** Asks now. */
  look() {
    clearTimeout(this.#timer);
    // Those that begin to look in the same moment are told by one question.
    this.#timer = setTimeout(() => this.#ask(), 20);
  }

  async #ask() {
    const seen = [...this.#followers].some((one) => one.sees());
    let told = null;
    if (seen) {
      try { told = await api.packs(); } catch (error) { if (error.code !== "unreachable") complain(error); }
    }
    if (told) this.#tell(told);
    clearTimeout(this.#timer);
    if (this.#followers.size) this.#timer = setTimeout(() => this.#ask(), this.#busy ? BUSY_MS : seen ? CALM_MS : BUSY_MS);
  }

  #tell(told) {
    const done = told.packs.find((pack) => pack.name === this.#busy && pack.installed);
    this.#busy = told.packs.find((pack) => pack.installing)?.name || "";
    if (done) toast(say("pack.done", { pack: say(`pack.${done.name}`) }), { hint: done.tab ? say("pack.done.hint") : "" });
    for (const one of this.#followers) one.fn(told);
  }
}

export const packs = new Packs();

class Pack extends HTMLElement {
  #unfollow = null;
  #drawn = "";

  connectedCallback() {
    this.#drawn = "";
    this.#unfollow = packs.follow((told) => this.#draw(told), () => this.checkVisibility());
  }

  disconnectedCallback() { this.#unfollow?.(); }

  #draw(told) {
    const name = this.getAttribute("pack"), pack = told.packs.find((one) => one.name === name);
    const going = pack?.installing, drawn = JSON.stringify([pack && { ...pack, installing: Boolean(going) }, told.obstacle]);
    this.hidden = !pack;
    if (!pack) return;
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      this.bar = h("div.rt-bar", { role: "progressbar", "aria-label": say(`pack.${name}`), "aria-valuemin": 0, "aria-valuemax": 100 });
      this.step = h("span.rt-hint.rt-pack-step");
      fill(this, h("div", {}, h("strong", say(`pack.${name}`)), h("span.rt-hint", `${say(`pack.${name}.hint`)} · ${say("pack.size", { size: size(pack.size_mb * 1e6) })}`), this.#told(pack, told.obstacle)), this.#deed(pack, told.obstacle));
    }
    if (going) this.#progress(going);
  }

  #told(pack, obstacle) {
    if (pack.installing) return [this.bar, this.step, h("span.rt-hint", say("pack.stays"))];
    const { error } = pack;
    return [
      !pack.tab && h("span.rt-hint", pack.installed ? say("pack.later") : say("pack.idle")),
      !pack.installed && error && h("div.rt-card-error", { role: "alert" }, h("strong", error.message), error.hint && h("span", error.hint)),
      !pack.installed && obstacle && h("span.rt-hint", say(obstacle === "pack_ask" ? "pack.ask" : "pack.elsewhere", { name: pack.name })),
    ];
  }

  #deed(pack, obstacle) {
    if (pack.installing) { this.share = h("span.rt-state.running"); return this.share; }
    if (pack.installed && pack.tab) return button({ label: say("pack.open"), onclick: () => openTab(pack.tab) });
    if (pack.installed) return h("span.rt-state.succeeded", {}, icon("check"), say("pack.installed"));
    if (obstacle) return null;
    const install = button({ label: say(pack.error ? "pack.again" : "pack.install"), icon: "download", "aria-label": `${say("pack.install")} ${say(`pack.${pack.name}`)}` });
    install.onclick = trying(async () => {
      install.disabled = true;
      try { await api.installPack(pack.name); } finally { install.disabled = false; packs.look(); }
    });
    return install;
  }

  #progress({ progress, step, name }) {
    this.bar.classList.toggle("unknown", !progress);
    this.bar.style.setProperty("--share", progress || 0);
    this.bar.setAttribute("aria-valuenow", Math.round((progress || 0) * 100));
    this.share.textContent = `${Math.round((progress || 0) * 100)} %`;
    this.step.textContent = !step ? say("pack.begins") : name.startsWith("step_slow") ? say("pack.step_slow") : say(`pack.${step}`, { name }).trim();
  }
}

customElements.define("rt-pack", Pack);
