// The table of cards, which the office can correct.
import { button, h } from "./dom.js";
import { badge, number } from "./planner_words.js";
import { say } from "./texts.js";

const PRICES = ["price_low", "price_high"];
const FIGURES = ["memory_gb", "bandwidth_gbs", "tflops", "watts", ...PRICES];
const KINDS = { memory_gb: "published", bandwidth_gbs: "published", tflops: "published", watts: "published", price_low: "estimated", price_high: "estimated" };

/**
 * Makes the tables of cards and of whole machines; `save(id, change)` keeps figures of a card and `save(id, null)` goes back
 * to the published ones, `offer` does the same for a machine's price.
 */
export function cardTable(told, save, offer) {
  const cards = told.cards.map((card) => row(card, { names: FIGURES, corrected: told.corrected.includes(card.id), was: "planner.published", back: "planner.restore", keep: save }));
  const whole = told.machines.map((machine) => row(machine, { names: PRICES, corrected: machine.corrected, was: "planner.plan", back: "planner.restore.plan", keep: offer }));
  const head = (first, names, kinds) => h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say(first)), names.map((name) => h("th", { scope: "col" }, say(`planner.figure.${name}`), " ", badge(kinds[name]))), h("th")));
  return h("details", { data: { print: "no" } }, h("summary", say("planner.cards.open")), h("p.rt-hint", say("planner.cards.hint")),
    h("div.rt-plan-scroll", {}, h("table.rt-plan-table", {}, h("caption", say("planner.cards")), head("planner.head.card", FIGURES, KINDS), h("tbody", {}, cards))),
    h("div.rt-plan-scroll", {}, h("table.rt-plan-table", {}, h("caption", say("planner.machines")), head("planner.head.whole", PRICES, { price_low: "plan", price_high: "plan" }), h("tbody", {}, whole))),
    h("p.rt-hint", say("planner.machines.hint")));
}

function row(one, { names, corrected, was, back, keep }) {
  const input = (name) => h("input.rt-input", { type: "number", min: 0, step: "any", value: one[name], "aria-label": `${one.name} ${say(`planner.figure.${name}`)}`, title: say(was, { value: number(one.published[name]) }),
    onchange: (event) => { const value = Number(event.target.value); if (event.target.value !== "" && event.target.reportValidity()) keep(one.id, { [name]: value }); } });
  const note = one.runs && one.runs !== "cuda" && h("small", say(`planner.runs.${one.runs}`));
  return h("tr", {}, h("th", { scope: "row" }, one.name.replace(" x ", " × "), note), names.map((name) => h("td", {}, input(name), one[name] !== one.published[name] && badge("own"))),
    h("td", {}, corrected && button({ icon: "undo", title: say(back), kind: "quiet", onclick: () => keep(one.id, null) })));
}
