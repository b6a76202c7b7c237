// <rt-system>: memory, models, packs, and what the machine carries.
import { api } from "./api.js";
import { fill, h } from "./dom.js";
import "./figures.js";
import "./keys_programs.js";
import "./webhooks.js";
import "./packs.js";
import "./system_server.js";
import { showCarry } from "./system_carry.js";
import { Memory } from "./system_memory.js";
import { Models } from "./system_models.js";
import { say } from "./texts.js";
import { complain } from "./toast.js";

document.head.append(h("link", { rel: "stylesheet", href: "screens/system.css" }));

class System extends HTMLElement {
  #made = false;
  #timer = null;

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    const part = (id, title) => { const body = h("div"); this.append(h("section.rt-panel", { id }, h("h2", title), body)); return body; };
    const again = () => this.#look();
    this.memory = new Memory(part("rt-memory", say("system.memory")), again);
    this.models = new Models(part("rt-models", say("system.models")), again);
    this.carry = part("rt-carry", say("carry.title"));
    this.packs = part("rt-packs", say("system.packs"));
    this.append(h("rt-server"), h("rt-keys"), h("rt-webhooks"));
    new IntersectionObserver((seen) => { clearTimeout(this.#timer); if (seen.at(-1).isIntersecting) this.#look(); }).observe(this);
  }

  // Looks again while the tab is seen.
  async #look() {
    clearTimeout(this.#timer);
    try {
      const [system, models, packs, profiles] = await Promise.all([api.system(), api.models(), this.packs.childElementCount ? null : api.packs(), this.carry.childElementCount ? null : api.profiles()]);
      this.memory.show(system);
      this.models.show(models);
      if (packs) this.#packs(packs.packs);
      if (profiles) showCarry(this.carry, profiles, system.machine, models);
    } catch (error) { complain(error); }
    clearTimeout(this.#timer);
    if (this.offsetParent) this.#timer = setTimeout(() => this.#look(), 2500);
  }

  #packs(packs) {
    this.packs.parentElement.hidden = packs.length === 0;
    fill(this.packs, h("p.rt-hint", say("system.packs.hint")), h("ul.rt-models", {}, packs.map((pack) => h("li", {}, h("rt-pack", { pack: pack.name })))));
  }
}

customElements.define("rt-system", System);
