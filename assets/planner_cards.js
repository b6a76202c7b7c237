// The table of cards, which the office can correct.
import { button, h } from "./dom.js";
import { number } from "./planner_words.js";
import { say } from "./texts.js";

const FIGURES = ["memory_gb", "bandwidth_gbs", "tflops", "watts", "price_low", "price_high"];

/** Makes the table; `save(id, change)` keeps figures, `save(id, null)` goes back to the published ones. */
export function cardTable(told, save) {
  const rows = told.cards.map((card) => row(card, told.corrected.includes(card.id), save));
  return h("details", { data: { print: "no" } }, h("summary", say("planner.cards.open")), h("p.rt-hint", say("planner.cards.hint")),
    h("div.rt-plan-scroll", {}, h("table.rt-plan-table", {}, h("caption", say("planner.cards")),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("planner.head.card")), FIGURES.map((name) => h("th", { scope: "col" }, say(`planner.figure.${name}`))), h("th"))), h("tbody", {}, rows))));
}

function row(card, corrected, save) {
  const input = (name) => h("input.rt-input", { type: "number", min: 0, step: "any", value: card[name], "aria-label": `${card.name} ${say(`planner.figure.${name}`)}`, title: say("planner.published", { value: number(card.published[name]) }),
    onchange: (event) => { const value = Number(event.target.value); if (event.target.value !== "" && event.target.reportValidity()) save(card.id, { [name]: value }); } });
  return h("tr", {}, h("th", { scope: "row" }, card.name, card.runs !== "cuda" && h("small", say(`planner.runs.${card.runs}`))), FIGURES.map((name) => h("td", {}, input(name))),
    h("td", {}, corrected && button({ icon: "undo", title: say("planner.restore"), kind: "quiet", onclick: () => save(card.id, null) })));
}
