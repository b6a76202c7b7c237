// Charts of the planner: bars in SVG, labels beside them, so that they read on a telephone and on paper.
import { h } from "./dom.js";
import { badge, machinesName, money, number, span } from "./planner_words.js";
import { say } from "./texts.js";

const SVG = "http://www.w3.org/2000/svg";

function shape(name, given) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(given)) made.setAttribute(key, String(value));
  return made;
}

// One bar of `parts` ({share, kind}) from 0 to 1, with a line at `mark` and a whisker from `from` to `to`.
function bar(parts, { mark = null, whisker = null } = {}) {
  const svg = shape("svg", { viewBox: "0 0 100 20", preserveAspectRatio: "none", "aria-hidden": "true", class: "rt-plan-bar" });
  svg.append(shape("rect", { x: 0, y: 3, width: 100, height: 14, class: "ground" }));
  let at = 0;
  for (const { share, kind } of parts) {
    const width = Math.max(0, Math.min(100 - at, share * 100));
    svg.append(shape("rect", { x: at, y: 3, width, height: 14, class: kind }));
    at += width;
  }
  if (whisker) svg.append(shape("rect", { x: whisker[0] * 100, y: 8.5, width: Math.max(0.4, (Math.min(1, whisker[1]) - whisker[0]) * 100), height: 3, class: "whisker" }));
  if (mark !== null && mark <= 1) svg.append(shape("rect", { x: mark * 100 - 0.3, y: 0, width: 0.6, height: 20, class: "mark" }));
  return svg;
}

const row = (label, drawn, value, kind = "", sure = "") => h(`div.rt-plan-row${kind && `.${kind}`}`, {}, h("span.rt-plan-label", label), drawn, h("span.rt-plan-value", {}, value, sure && badge(sure)));
const key = (...kinds) => h("p.rt-plan-key", {}, kinds.map(([kind, told]) => h("span", {}, h(`i.${kind}`), told)));

/** Draws waiting and cost of the machines that were simulated, and the queue of the best. */
export function charts(found, question) {
  const best = found.machines.find((one) => one.id === found.best);
  const some = found.machines.filter((one) => one.simulated).slice(0, 12);
  return [waits(some, found.best, question), question.n_live > 0 && lags(some, found.best), costs(found, some), best?.wait.queue?.some((point) => point[1] >= 120) && queue(best)];
}

function waits(some, bestId, question) {
  const allowed = question.wait_min * 60, most = allowed * 2;
  const rows = some.map((one) => {
    const value = one.wait.over ? most : one.wait.p95_s ?? 0, slow = one.wait.slow?.p95_s, fast = one.wait.fast?.p95_s;
    const whisker = slow !== undefined ? [Math.min(1, Math.min(fast ?? value, value) / most), slow / most] : null;
    return row(machinesName(one), bar([{ share: Math.min(1, value / most), kind: one.meets ? "good" : "poor" }], { mark: 0.5, whisker }), one.wait.over ? say("planner.over") : span(value), one.id === bestId ? "best" : "", one.speed.kind);
  });
  return h("figure.rt-plan-chart", {}, h("figcaption", say("planner.chart.wait")), rows,
    key(["good", say("planner.chart.meets")], ["poor", say("planner.chart.misses")], ["mark", say("planner.chart.allowed", { wait: number(question.wait_min) })], ["whisker", say("planner.chart.slow")]));
}

// How late live text comes; more than LAG_S cannot be followed.
const LAG_S = 3;

function lags(some, bestId) {
  const told = some.filter((one) => one.wait.lag_s !== null);
  const rows = told.map((one) => row(machinesName(one), bar([{ share: Math.min(1, one.wait.lag_s / LAG_S / 2), kind: one.wait.lag_s <= LAG_S ? "good" : "poor" }], { mark: 0.5 }), span(one.wait.lag_s), one.id === bestId ? "best" : "", one.speed.kind));
  return h("figure.rt-plan-chart", {}, h("figcaption", say("planner.chart.live")), rows, key(["mark", say("planner.chart.allowed.live", { s: LAG_S })]));
}

function costs(found, some) {
  const rows = some.filter((one) => one.id !== "this"), most = Math.max(1, ...rows.map((one) => one.cost.year));
  return h("figure.rt-plan-chart", {}, h("figcaption", {}, say("planner.chart.cost"), " ", badge("estimated")), rows.map((one) => row(machinesName(one), bar([
    { share: (one.cost.year - one.cost.electricity) / most, kind: "buy" }, { share: one.cost.electricity / most, kind: "power" }]), money(one.cost.year), one.id === found.best ? "best" : "")),
  key(["buy", say("planner.chart.buy")], ["power", say("planner.chart.power")]));
}

// Minutes of sound that wait, over the two simulated hours.
function queue(best) {
  const points = best.wait.queue, until = Math.max(7200, points.at(-1)[0]), most = Math.max(60, ...points.map((point) => point[1]));
  const svg = shape("svg", { viewBox: "0 0 200 60", preserveAspectRatio: "none", class: "rt-plan-queue", role: "img", "aria-label": say("planner.chart.queue.told", { most: span(most) }) });
  const line = points.map(([at, waiting]) => `${(at / until * 200).toFixed(2)},${(58 - waiting / most * 54).toFixed(2)}`);
  svg.append(shape("polygon", { points: `0,58 ${line.join(" ")} 200,58`, class: "area" }));
  svg.append(shape("rect", { x: 3600 / until * 200, y: 0, width: 0.4, height: 60, class: "mark" }));
  return h("figure.rt-plan-chart", {}, h("figcaption", {}, say("planner.chart.queue"), " ", badge(best.speed.kind)), svg, h("p.rt-plan-key", {}, h("span", say("planner.chart.queue.told", { most: span(most) })), h("span", {}, h("i.mark"), say("planner.chart.busiest"))));
}

/** Draws what the models take of the cards' memory. */
export function memoryBar(one) {
  const total = one.memory.gb.reduce((sum, value) => sum + value, 0), inside = one.memory.holdings.filter((held) => !(held.on_cpu && one.memory.gpu));
  const used = inside.reduce((sum, held) => sum + held.gb, 0), kinds = ["buy", "power", "third", "fourth", "fifth"];
  const told = say(one.memory.together ? "planner.memory.fits" : "planner.memory.over", { used: number(used), total: number(total) });
  return h("figure.rt-plan-chart", {}, row(one.id === "this" ? say("planner.this") : one.cards.join(" + "), bar(inside.map((held, at) => ({ share: held.gb / total, kind: kinds[at % 5] })), { mark: one.memory.share }), told),
    key(...inside.map((held, at) => [kinds[at % 5], `${held.title || say(`planner.capability.${held.name}`)} ${number(held.gb)} GB`]), ["mark", say("planner.memory.limit")]));
}
