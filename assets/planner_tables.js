// Tables of the planner: every machine, and what models need against the users' own plan.
import { h } from "./dom.js";
import { badge, machinesName, money, number, rangeOf, span } from "./planner_words.js";
import { say } from "./texts.js";

const table = (caption, heads, rows) => h("div.rt-plan-scroll", {}, h("table.rt-plan-table", {}, h("caption", caption), h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, [head].flat())))), h("tbody", {}, rows)));

/** Lists every machine, the dearer ones too, and at the end the cards that this version cannot use. */
export function machineTable(found, question, cards) {
  const rows = found.machines.map((one) => h(`tr${one.id === found.best ? ".best" : ""}`, {},
    h("th", { scope: "row" }, machinesName(one)), told(one.model, one.speed.kind),
    told(one.simulated && (one.wait.over ? say("planner.over") : `${span(one.wait.median_s)} / ${span(one.wait.p95_s)}`)),
    question.n_live > 0 && told(one.simulated && span(one.wait.lag_s)),
    told(rangeOf(one.hours_a_day.low, one.hours_a_day.high, (value) => number(Math.round(value)))),
    told(one.id !== "this" && rangeOf(one.cost.buy_low, one.cost.buy_high, money), PRICE_KINDS[one.price_of]), told(money(one.cost.electricity)), told(money(one.id === "this" ? one.cost.electricity : one.cost.year)),
    h("td", verdict(one))));
  const heads = ["machine", "model", "wait", ...(question.n_live > 0 ? ["live"] : []), "hours", "buy", "power", "year", "verdict"];
  for (const card of cards.filter((one) => one.runs === "none")) rows.push(h("tr", {}, h("th", { scope: "row" }, card.name), heads.slice(1, -1).map(() => h("td", "–")), h("td", say("planner.why.none"))));
  return h("details", {}, h("summary", say("planner.table.open")), table(say("planner.table"), heads.map((name) => [say(`planner.head.${name}`), ESTIMATED.includes(name) && badge("estimated")]), rows));
}

const ESTIMATED = ["power", "year"];
const PRICE_KINDS = { plan: "plan", table: "estimated", own: "own" };
const told = (value, kind) => (value ? h("td", {}, value, " ", kind && badge(kind)) : h("td", "–"));

function verdict(one) {
  if (one.meets) return say("planner.why.good");
  return one.why ? say(`planner.why.${one.why}`) : say("planner.why.dearer");
}

/** Lists what each model of one machine holds and how fast it is there. */
export function partTable(one) {
  const speed = (held) => { const x = one.speeds[held.name]; return told(say("planner.times", { x: rangeOf(x.low, x.high, number) }), x.kind); };
  const rows = one.memory.holdings.map((held) => h("tr", {}, h("th", { scope: "row" }, held.title || say(`planner.capability.${held.name}`), held.on_cpu && one.memory.gpu && h("small", say("planner.part.cpu"))),
    told(`${number(held.gb)} GB`, held.kind), speed(held)));
  return table(say("planner.parts"), ["part", "ours", "speed"].map((name) => say(`planner.head.${name}`)), rows);
}

/** Holds what models need here against what the users' plan says. */
export function needTable(found) {
  const planned = found.needs.filter((held) => held.plan_gb), smaller = planned.filter(isLess);
  const most = Math.max(1, ...smaller.map((held) => held.plan_gb / held.gb));
  const rows = found.needs.map((held) => h("tr", {}, h("th", { scope: "row" }, say(`planner.needed.${held.name}`)), told(`${number(held.gb)} GB`, held.kind),
    told(held.plan_gb && `${number(held.plan_gb)} GB`), h("td", judged(held))));
  return [
    smaller.length > 0 && h("p.rt-plan-good", {}, say("planner.needs.good", { n: smaller.length, all: planned.length, times: number(Math.floor(most)) })),
    table(say("planner.needs.caption"), ["part", "ours", "plan", "verdict"].map((name) => say(`planner.head.${name}`)), rows),
    h("p.rt-hint", say("planner.needs.tiles")),
  ];
}

const isLess = (held) => held.gb < 0.9 * held.plan_gb;

function judged(held) {
  if (!held.plan_gb) return say("planner.need.unplanned");
  if (isLess(held)) return say("planner.need.less", { times: number(Math.round(held.plan_gb / held.gb * 10) / 10) });
  return held.gb > held.plan_gb ? say("planner.need.more", { gb: number(Math.round((held.gb - held.plan_gb) * 10) / 10) }) : say("planner.need.same");
}
