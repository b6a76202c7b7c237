// <rt-doctor>: what is wrong with the machine or the program, what it means, and what to press.
import { api } from "./api.js";
import { button, fill, h, icon } from "./dom.js";
import { has, say } from "./texts.js";
import { toast, trying } from "./toast.js";

const MARKS = { bad: "warn", note: "info", good: "check" };

class Doctor extends HTMLElement {
  #made = false;
  #looking = false;

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    this.found = h("div.rt-findings", { "aria-live": "polite" });
    const look = button({ label: say("doctor.look"), icon: "again", id: "rt-doctor-look", onclick: () => this.#look(this.thorough.checked) });
    this.thorough = h("input", { type: "checkbox", id: "rt-doctor-thorough" });
    const archive = h("a.rt-button", { href: "api/doctor/archive", download: "", id: "rt-doctor-archive" }, icon("download"), h("span", say("doctor.archive")));
    this.append(h("section.rt-panel", { id: "rt-doctor-panel" }, h("h2", say("doctor.title")), h("div", {},
      h("p.rt-hint", say("doctor.about")), this.found,
      h("div.rt-row", {}, look, h("label.rt-check", { title: say("doctor.thorough.hint") }, this.thorough, say("doctor.thorough"))),
      h("div.rt-doctor-archive", {}, archive, h("p.rt-hint", say("doctor.archive.hint"))))));
    const seen = new IntersectionObserver((all) => { if (all.some((one) => one.isIntersecting)) { seen.disconnect(); this.#look(false); } });
    seen.observe(this);
  }

  async #look(thorough) {
    if (this.#looking) return;
    this.#looking = true;
    this.setAttribute("aria-busy", "true");
    if (!this.found.childElementCount || thorough) fill(this.found, h("p.rt-hint", say("doctor.looking")));
    await trying(async () => this.#show(await api.doctor(thorough)))();
    this.removeAttribute("aria-busy");
    this.#looking = false;
  }

  #show(findings) {
    const wrong = findings.filter((one) => one.level !== "good"), good = findings.filter((one) => one.level === "good");
    const open = this.found.querySelector("details")?.open;
    fill(this.found,
      wrong.length === 0 && h("p.rt-finding-none", {}, icon("check"), say("doctor.all_good")),
      wrong.map((one) => this.#finding(one)),
      good.length > 0 && h("details", { open }, h("summary", `${say("doctor.good.n", { n: good.length })} · ${say("doctor.good.show")}`),
        h("ul.rt-plain", {}, good.map((one) => h("li", {}, h("span.rt-finding-good", {}, icon("check"), sentence(one)))))));
  }

  #finding(one) {
    const press = one.press && has(`doctor.press.${one.press}`) && button({ label: say(`doctor.press.${one.press}`), kind: one.level === "bad" ? "strong" : "", onclick: trying(() => this.#press(one)) });
    return h(`article.rt-finding.${one.level}`, { data: { code: one.code } },
      h("header", {}, icon(MARKS[one.level]), h("h3", sentence(one)), h("span.rt-finding-level", say(`doctor.level.${one.level}`))),
      ["why", "do"].map((part) => has(`doctor.${one.code}.${part}`) && h("p", sentence(one, part))), press);
  }

  async #press(one) {
    if (one.press === "clear_memory") await api.clearMemory();
    else if (one.press === "fetch_model") await api.fetchModel(one.target);
    else {
      const n = await api.mend(one.press);
      toast(n ? say("doctor.mended", { n }) : say("doctor.mended.nothing"));
    }
    await this.#look(false);
  }
}

function sentence(one, part = "") {
  const comma = roomtone.language === "zh" ? "、" : ", ";
  const values = Object.fromEntries(Object.entries(one.values).map(([name, value]) => [name, Array.isArray(value) ? value.join(comma) : value]));
  const key = `doctor.${one.code}`;
  return part ? say(`${key}.${part}`, values) : say(key, values);
}

customElements.define("rt-doctor", Doctor);
