// Figures of the planner as people read them.
import { h } from "./dom.js";
import { say } from "./texts.js";

const locale = document.documentElement.lang;

/** Returns a number with at most one decimal. */
export const number = (value) => new Intl.NumberFormat(locale, { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 }).format(value);

/** Returns an amount of CNY. */
export const money = (value) => new Intl.NumberFormat(locale, { style: "currency", currency: "CNY", maximumFractionDigits: 0 }).format(value);

/** Returns seconds as a length of time: 42 s, 3.5 min, 2 h. */
export function span(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 90) return say("planner.seconds", { n: seconds < 10 ? number(Math.round(seconds * 10) / 10) : Math.round(seconds) });
  if (seconds < 5400) return say("planner.minutes", { n: number(Math.round(seconds / 6) / 10) });
  return say("planner.hours", { n: number(Math.round(seconds / 360) / 10) });
}

/** Returns "3 to 5", or one value where both read the same. */
export function rangeOf(low, high, told) {
  const [from, to] = [told(low), told(high)];
  return from === to ? from : say("planner.range", { from, to });
}

/** Makes the mark that says how sure a figure is: measured, published or estimated. */
export const badge = (kind) => h(`span.rt-plan-kind.${kind}`, { title: say(`planner.kind.${kind}.hint`) }, say(`planner.kind.${kind}`));

/** Returns what a machine is called; of several machines, with their number. */
export const machinesName = (one) => (one.n > 1 ? `${one.n} × (${machineName(one)})` : machineName(one));

/** Returns what one machine is called. */
export function machineName(one) {
  if (one.id === "this") return say("planner.this");
  if (one.id.includes("cpu")) return say("planner.cpu", { n: /(\d+)$/.exec(one.id)[1] });
  return one.cards.length > 1 || one.n === 1 ? one.name.replace(" x ", " × ") : one.name;
}
