// Line and column charts as SVG, each with a tooltip that follows pointer and arrow keys, and a table of the same numbers.
import { fill, h } from "./dom.js";
import { say } from "./texts.js";

const SVG = "http://www.w3.org/2000/svg";
const H = 168, LEFT = 52, RIGHT = 8, TOP = 10, BOTTOM = 24;

function s(name, given = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(given)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Returns a round number of seconds, minutes or hours at or above `value` seconds. */
export const roundUpTime = (value) => { const unit = value < 100 ? 1 : value < 6000 ? 60 : 3600; return roundUp(value / unit) * unit; };

/** Returns a number at or above `value` that is round and whose half is: 1, 2, 4, 6 times a power of ten. */
export function roundUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 10].map((step) => step * power).find((step) => step >= value * 0.999);
}

/**
 * Makes a chart. `lines` are [{label, values, hue}] beside `times` (seconds since 1970; null is a gap).
 * `kind` is "line" or "columns" (stacked); `told(value)` writes a value, `when(time)` a time; `most` fixes the top, which
 * `round` else finds.
 */
export function chart({ title, times, lines, kind = "line", told, when, short, most, round = roundUp, sum = "" }) {
  const known = lines.filter((line) => line.values.some((value) => value !== null && (kind === "line" || value > 0)));
  const figure = h("figure.rt-chart", { tabIndex: known.length ? 0 : -1, "aria-label": title });
  const head = h("figcaption", {}, h("h3", title), sum && h("span.rt-chart-sum", sum));
  if (!known.length) return fill(figure, head, h("p.rt-hint", say("fig.none")));
  const stacked = times.map((_, at) => known.reduce((total, line) => total + (line.values[at] || 0), 0));
  const peak = kind === "columns" ? Math.max(...stacked) : Math.max(...known.flatMap((line) => line.values.map((value) => value ?? 0)));
  const W = innerWidth < 760 ? 340 : 560;
  const top = most || round(peak);
  // Six colours; what comes after them is dashed.
  known.forEach((line, number) => { line.hue ??= number < 6 ? `${number}` : `${number % 6} rt-dashed`; });
  const step = (W - LEFT - RIGHT) / times.length;
  const x = (at) => LEFT + step * (at + 0.5), y = (value) => H - BOTTOM - (H - TOP - BOTTOM) * Math.min(1, value / top);
  const svg = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-hidden": "true" });
  for (const share of [0, 0.5, 1]) {
    svg.append(s("line", { class: "rt-chart-grid", x1: LEFT, x2: W - RIGHT, y1: y(top * share), y2: y(top * share) }));
    const label = s("text", { class: "rt-chart-tick", x: LEFT - 6, y: y(top * share) + 4, "text-anchor": "end" });
    label.textContent = told(top * share);
    svg.append(label);
  }
  for (const at of [0, Math.floor(times.length / 2), times.length - 1]) {
    const label = s("text", { class: "rt-chart-tick", x: Math.min(W - RIGHT, Math.max(LEFT, x(at))), y: H - 6, "text-anchor": at === 0 ? "start" : at === times.length - 1 ? "end" : "middle" });
    label.textContent = short(times[at]);
    svg.append(label);
  }
  known.forEach((line, number) => svg.append(kind === "columns" ? columns(known, number, times, x, y, step) : path(line, x, y)));
  const mark = s("line", { class: "rt-chart-mark", y1: TOP, y2: H - BOTTOM, visibility: "hidden" });
  svg.append(mark);
  const tip = h("div.rt-chart-tip", { role: "status", hidden: true });
  follow(figure, svg, W, times.length, (at) => {
    tip.hidden = at === null;
    mark.setAttribute("visibility", at === null ? "hidden" : "visible");
    if (at === null) return;
    mark.setAttribute("x1", x(at)); mark.setAttribute("x2", x(at));
    const rows = known.map((line, number) => [number, line.label, line.values[at]]).filter(([, , value]) => value !== null && (kind === "line" || value > 0));
    fill(tip, h("strong", when(times[at])), rows.length ? rows.map(([number, label, value]) => h("span", {}, swatch(known[number]), [label, told(value)].filter(Boolean).join(" "))) : h("span", "–"));
    const share = x(at) / W;
    tip.style.left = `${share * 100}%`;
    tip.style.transform = `translateX(${share > 0.7 ? "-100%" : share < 0.3 ? "0" : "-50%"})`;
  });
  const legend = known.length > 1 || known[0].label ? h("div.rt-chart-legend", {}, known.map((line) => h("span", {}, swatch(line), line.label))) : null;
  return fill(figure, head, h("div.rt-chart-box", {}, svg, tip), legend, table(title, times, known, told, when));
}

const swatch = (line) => h(`i.rt-hue-${String(line.hue).replace(" ", ".")}`);

function path(line, x, y) {
  let open = false;
  const steps = line.values.map((value, at) => {
    if (value === null) { open = false; return ""; }
    const step = `${open ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}${open ? "" : "h.01"}`;
    open = true;
    return step;
  });
  const alone = (value, at) => value !== null && (line.values[at - 1] ?? null) === null && (line.values[at + 1] ?? null) === null;
  const dots = line.values.map((value, at) => (alone(value, at) ? s("circle", { cx: x(at).toFixed(1), cy: y(value).toFixed(1), r: 2.5 }) : null)).filter(Boolean);
  return s("g", { class: `rt-chart-line rt-hue-${line.hue}` }, s("path", { class: "rt-chart-line", d: steps.join("") }), ...dots);
}

function columns(lines, number, times, x, y, step) {
  const group = s("g", { class: `rt-chart-columns rt-hue-${lines[number].hue}` });
  times.forEach((_, at) => {
    const value = lines[number].values[at] || 0, below = lines.slice(0, number).reduce((total, line) => total + (line.values[at] || 0), 0);
    if (value > 0) group.append(s("rect", { x: (x(at) - step * 0.4).toFixed(1), width: (step * 0.8).toFixed(1), y: y(below + value).toFixed(1), height: Math.max(0.5, y(below) - y(below + value)).toFixed(1), rx: 1 }));
  });
  return group;
}

function follow(figure, svg, W, n, show) {
  let at = null;
  const move = (to) => { at = to; show(at); };
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect(), inside = (event.clientX - box.left) / box.width * W - LEFT;
    move(Math.max(0, Math.min(n - 1, Math.floor(inside / ((W - LEFT - RIGHT) / n)))));
  });
  svg.addEventListener("pointerleave", () => move(null));
  figure.addEventListener("blur", () => move(null));
  figure.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || event.target !== figure) return;
    event.preventDefault();
    move(Math.max(0, Math.min(n - 1, (at ?? n) + step)));
  });
}

function table(title, times, lines, told, when) {
  const rows = () => times.map((time, at) => h("tr", {}, h("th", { scope: "row" }, when(time)), lines.map((line) => h("td", line.values[at] === null ? "–" : told(line.values[at])))));
  const body = h("tbody");
  const more = h("details", { ontoggle: () => { if (more.open && !body.childElementCount) fill(body, rows()); } }, h("summary", say("fig.table")),
    h("div.rt-chart-table", { tabIndex: 0 }, h("table", {}, h("caption", title), h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("fig.time")), lines.map((line) => h("th", { scope: "col" }, line.label || title)))), body)));
  return more;
}
