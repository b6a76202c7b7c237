// <rt-planner>: which machine does this office need. The question on top, the answer below it, a page to print.
import { api } from "./api.js";
import { button, fill, h, icon } from "./dom.js";
import { cardTable } from "./planner_cards.js";
import { charts, memoryBar } from "./planner_charts.js";
import { machineTable, needTable, partTable } from "./planner_tables.js";
import { badge, machineName, money, number, rangeOf, span } from "./planner_words.js";
import { say } from "./texts.js";
import { trying } from "./toast.js";

const FIRST = ["people", "hours_a_day", "length_min", "n_live", "wait_min"];
const MORE = ["busiest", "speech", "days_a_year", "years", "price_kwh", "computer"];
const SHARES = new Set(["busiest", "speech"]);
const CAPABILITIES = ["speakers", "clean", "restore", "writing", "video", "aloud"];

class Planner extends HTMLElement {
  #made = false;
  #asking = false;

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    const seen = new IntersectionObserver((all) => { if (all.some((one) => one.isIntersecting)) { seen.disconnect(); this.#load(); } });
    seen.observe(this);
    addEventListener("beforeprint", () => this.querySelectorAll("details").forEach((one) => { one.open = one.dataset.print !== "no"; }));
  }

  #load = trying(async () => { this.told = await api.planner(); this.#draw(); });

  #draw() {
    this.form = h("form.rt-plan-form", { onsubmit: (event) => { event.preventDefault(); this.#ask(false); } });
    this.out = h("div.rt-plan-out", { "aria-live": "polite" });
    this.cards = h("div");
    fill(this.form, h("div.rt-plan-fields", {}, FIRST.map((name) => this.#field(name)), this.#quality()), this.#wishes(),
      h("details", { data: { print: "no" } }, h("summary", say("planner.more")), h("div.rt-plan-fields", {}, MORE.map((name) => this.#field(name)),
        h("label.rt-check", {}, h("input", { type: "checkbox", name: "always_on", checked: this.told.question.always_on }), say("planner.always_on")))),
      this.#buttons());
    fill(this, h("section.rt-panel.rt-plan-ask", {}, h("h2", say("planner.title")), h("div", {}, h("p.rt-hint", say("planner.about")), this.form)), this.out,
      h("section.rt-panel.rt-plan-cards", {}, h("h2", say("planner.cards")), this.cards));
    this.#drawCards();
  }

  #drawCards() {
    const keep = (correct, restore) => trying(async (id, change) => {
      this.told = change ? await correct(id, change) : await restore(id);
      this.#drawCards();
    });
    const open = this.cards.querySelector("details")?.open;
    fill(this.cards, cardTable(this.told, keep(api.correctCard, api.restoreCard), keep(api.offerMachine, api.takeBackMachine)));
    this.cards.querySelector("details").open = Boolean(open);
  }

  #field(name) {
    const [least, most] = this.told.limits[name], share = SHARES.has(name), value = this.told.question[name];
    return h("label.rt-field", {}, h("span", say(`planner.${name}`)),
      h("input.rt-input", { type: "number", name, id: `rt-plan-${name}`, required: true, step: "any", min: share ? least * 100 : least, max: share ? most * 100 : most, value: share ? Math.round(value * 100) : value, inputMode: "decimal" }));
  }

  #quality() {
    return h("label.rt-field", {}, h("span", say("planner.quality")), h("select.rt-input", { name: "quality", id: "rt-plan-quality" },
      ["fast", "balanced", "best"].map((name) => h("option", { value: name, selected: name === this.told.question.quality }, say(`planner.quality.${name}`)))));
  }

  #wishes() {
    return h("fieldset.rt-plan-wishes", {}, h("legend", say("planner.capabilities")), CAPABILITIES.map((name) => h("label.rt-check", { title: say(`planner.capability.${name}.hint`) },
      h("input", { type: "checkbox", name: "capabilities", value: name, checked: this.told.question.capabilities.includes(name) }), say(`planner.capability.${name}`))),
      h("p.rt-hint", say("planner.capabilities.hint")));
  }

  #buttons() {
    const enough = this.told.n_past >= this.told.enough_past;
    this.submit = h("button.rt-button.primary", { type: "submit", id: "rt-plan-ask" }, icon("search"), h("span", say("planner.ask")));
    this.replay = button({ label: say("planner.replay"), icon: "history", id: "rt-plan-replay", disabled: !enough, onclick: () => this.#ask(true) });
    return h("div.rt-row", {}, this.submit, this.replay, h("p.rt-hint", enough ? say("planner.replay.hint", { n: this.told.n_past }) : say("planner.replay.few", { n: this.told.enough_past })));
  }

  #question() {
    const given = new FormData(this.form), question = { quality: given.get("quality"), capabilities: given.getAll("capabilities"), always_on: given.get("always_on") !== null };
    for (const name of [...FIRST, ...MORE]) question[name] = Number(given.get(name)) / (SHARES.has(name) ? 100 : 1);
    return question;
  }

  async #ask(replay) {
    if (this.#asking || !this.form.reportValidity()) return;
    this.#asking = true;
    this.submit.disabled = this.replay.disabled = true;
    this.setAttribute("aria-busy", "true");
    const bar = h("div.rt-bar.unknown", { role: "progressbar", "aria-label": say("planner.asking") });
    fill(this.out, h("section.rt-panel", {}, h("div", {}, h("p", say("planner.asking")), bar)));
    const question = this.#question();
    const found = await trying(() => api.plan(question, replay))();
    fill(this.out, found && this.#answer(question, found));
    this.removeAttribute("aria-busy");
    this.submit.disabled = false;
    this.replay.disabled = this.told.n_past < this.told.enough_past;
    this.#asking = false;
    if (found) this.out.scrollIntoView({ block: "start" });
  }

  #answer(question, found) {
    const here = found.machines.find((one) => one.id === "this"), best = found.machines.find((one) => one.id === found.best);
    const chosen = here?.meets ? here : best;
    const print = button({ label: say("planner.print"), icon: "file", id: "rt-plan-print", onclick: () => window.print() });
    const asked = say(question.capabilities.length ? "planner.asked.more" : "planner.asked", {
      people: question.people, hours: number(question.hours_a_day), live: question.n_live, wait: number(question.wait_min),
      quality: say(`planner.quality.${question.quality}`), more: question.capabilities.map((name) => say(`planner.capability.${name}`)).join(say("planner.comma")),
    });
    return [
      h("section.rt-panel.rt-plan-answer", { id: "rt-plan-answer" },
        h("p.rt-plan-printed", `Roomtone · ${say("planner.title")} · ${new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" }).format(new Date())}`),
        h("div.rt-plan-head", {}, h("h2", headline(here, best)), print),
        h("p.rt-hint", asked), found.replayed && h("p.rt-note", {}, icon("history"), say("planner.replayed", { n: found.n_recordings })),
        chosen && facts(chosen, question), chosen && h("h3", say("planner.memory")), chosen && memoryBar(chosen), chosen && partTable(chosen),
        chosen && why(chosen, here, best)),
      h("section.rt-panel", {}, h("h2", say("planner.compared")), h("div", {}, charts(found, question), machineTable(found, question, this.told.cards))),
      h("section.rt-panel", {}, h("h2", say("planner.needs")), h("div", {}, needTable(found), h("h3", say("planner.running")), check(found.plan_check, question), h("p.rt-hint", say("planner.sources")))),
    ];
  }
}

function headline(here, best) {
  if (here?.meets) return say("planner.best.here");
  if (!best) return say("planner.best.none");
  const name = machineName(best);
  return best.n > 1 ? say("planner.best.many", { n: best.n, name }) : say("planner.best.one", { name });
}

// Four figures that answer the question at a glance.
function facts(one, question) {
  const wait = one.wait, cost = one.cost, tile = (title, value, under, kind) => h("div.rt-plan-fact", {}, h("span.rt-plan-fact-title", title), h("strong", value), h("span", under), kind && badge(kind));
  const here = one.id === "this";
  return h("div.rt-plan-facts", {},
    tile(say("planner.fact.wait"), span(wait.p95_s), [say("planner.fact.wait.half", { time: span(wait.median_s) }), wait.slow && wait.fast && ` ${say("planner.fact.range", { range: rangeOf(Math.min(wait.fast.p95_s, wait.p95_s), Math.max(wait.slow.p95_s, wait.p95_s), span) })}`, question.capabilities.length > 0 && ` ${say("planner.fact.whole", { time: span(wait.whole_s) })}`], one.speed.kind),
    question.n_live > 0 && tile(say("planner.fact.live"), span(wait.lag_s), say("planner.fact.live.hint", { n: question.n_live }), one.speed.kind),
    tile(say("planner.fact.year"), money(here ? cost.electricity : cost.year), here ? say("planner.fact.year.here", { kwh: number(Math.round(cost.kwh)) }) : say("planner.fact.year.hint", { buy: rangeOf(cost.buy_low, cost.buy_high, money), years: number(question.years), power: money(cost.electricity), kwh: number(Math.round(cost.kwh)) }), "estimated"),
    tile(say("planner.fact.day"), say("planner.hours", { n: number(Math.round(one.hours_a_day.x)) }), say("planner.fact.day.hint", { range: rangeOf(one.hours_a_day.low, one.hours_a_day.high, (value) => number(Math.round(value))) }), one.speed.kind));
}

function why(chosen, here, best) {
  const notes = [];
  if (!chosen.memory.together) notes.push(say("planner.memory.turns"));
  if (here?.meets && best) notes.push(say("planner.best.next", { name: machineName(best), year: money(best.cost.year) }));
  if (here && !here.meets) notes.push(say(`planner.here.${here.why || "waits"}`));
  if (chosen.n > 1) notes.push(say("planner.best.split"));
  if (chosen.speed.kind === "estimated") notes.push(say(`planner.from.${chosen.speed.source}`));
  return h("ul.rt-plan-notes", {}, notes.map((note) => h("li", note)));
}

function check(told, question) {
  return h("p", {}, say("planner.check", { kwh: number(Math.round(told.kwh)), usd: told.usd, usd_kwh: told.usd_kwh.toFixed(2), cny: money(told.cny), price: number(question.price_kwh) }), " ", badge("plan"), " ", badge("estimated"));
}

customElements.define("rt-planner", Planner);
