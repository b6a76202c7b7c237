// Tables of the planner: every machine, and what models need against the users' own plan.
import { h } from "./dom.js";
import { badge, machineName, money, number, rangeOf, span } from "./planner_words.js";
import { say } from "./texts.js";

const table = (caption, heads, rows) => h("div.rt-plan-scroll", {}, h("table.rt-plan-table", {}, h("caption", caption), h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows)));

/** Lists every machine, the dearer ones too. */
export function machineTable(found, question) {
  const rows = found.machines.map((one) => h(`tr${one.id === found.best ? ".best" : ""}`, {},
    h("th", { scope: "row" }, one.n > 1 ? `${one.n} × ${machineName(one)}` : machineName(one)), h("td", one.model),
    h("td", one.simulated ? (one.wait.over ? say("planner.over") : `${span(one.wait.median_s)} / ${span(one.wait.p95_s)}`) : "–"),
    question.n_live > 0 && h("td", one.simulated ? span(one.wait.lag_s) : "–"),
    h("td", {}, rangeOf(one.hours_a_day.low, one.hours_a_day.high, (value) => number(Math.round(value))), " ", badge(one.speed.kind)),
    h("td", one.id === "this" ? "–" : rangeOf(one.cost.buy_low, one.cost.buy_high, money)), h("td", money(one.cost.electricity)), h("td", one.id === "this" ? money(one.cost.electricity) : money(one.cost.year)),
    h("td", verdict(one))));
  const heads = ["machine", "model", "wait", ...(question.n_live > 0 ? ["live"] : []), "hours", "buy", "power", "year", "verdict"];
  return h("details", {}, h("summary", say("planner.table.open")), table(say("planner.table"), heads.map((name) => say(`planner.head.${name}`)), rows));
}

function verdict(one) {
  if (one.meets) return say("planner.why.good");
  return one.why ? say(`planner.why.${one.why}`) : say("planner.why.dearer");
}

/** Holds what models need here against what the users' plan says. */
export function needTable(found) {
  const rows = found.needs.map((held) => h("tr", {}, h("th", { scope: "row" }, held.title || say(`planner.capability.${held.name}`)), h("td", {}, `${number(held.gb)} GB `, badge(held.kind)),
    h("td", held.plan_gb ? `${number(held.plan_gb)} GB` : "–"), h("td", judged(held))));
  return table(say("planner.needs.caption"), ["model", "ours", "plan", "verdict"].map((name) => say(`planner.head.${name}`)), rows);
}

function judged(held) {
  if (!held.plan_gb) return say("planner.need.unplanned");
  if (held.name === "writing") return say("planner.need.writing");
  if (held.name === "video") return say("planner.need.video");
  return held.gb < 0.9 * held.plan_gb ? say("planner.need.less", { times: number(Math.round(held.plan_gb / held.gb * 10) / 10) }) : say("planner.need.same");
}
