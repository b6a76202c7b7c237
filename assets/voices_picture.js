// Where pairs of different people and pairs of one person lie, and where this pair does: one SVG.
import { h } from "./dom.js";
import { say } from "./texts.js";

const SVG = "http://www.w3.org/2000/svg";
const FROM = -0.25, TO = 1.05, H = 200, TOP = 34, GROUND = 158;

function s(name, given = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(given)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const bell = (x, { mean, sd }) => Math.exp(-(((x - mean) / sd) ** 2) / 2) / sd;

/** `found` has score, same_from, different_to and place; several scores are drawn where `scores` are given. */
export function picture(found, scores = [found.score]) {
  const { place } = found, W = innerWidth < 760 ? 340 : 620;
  const x = (value) => 8 + ((Math.min(TO, Math.max(FROM, value)) - FROM) / (TO - FROM)) * (W - 16);
  const steps = Array.from({ length: 131 }, (_, i) => FROM + ((TO - FROM) * i) / 130);
  const peak = Math.max(1 / place.different.sd, 1 / place.same.sd);
  const curve = (spread) => `M${x(FROM)} ${GROUND}${steps.map((at) => `L${x(at).toFixed(1)} ${(GROUND - (bell(at, spread) / peak) * (GROUND - TOP - 14)).toFixed(1)}`).join("")}L${x(TO)} ${GROUND}Z`;
  const dots = (spread, kind) => spread.points.map((at, i) => s("circle", { class: `rt-vdot ${kind}`, cx: x(at).toFixed(1), cy: GROUND + 8 + (i % 3) * 4, r: 2 }));
  const words = (at, y, text, kind, anchor = "middle") => { const made = s("text", { class: `rt-vtext ${kind}`, x: at, y, "text-anchor": anchor }); made.textContent = text; return made; };
  const low = Math.min(found.different_to ?? found.same_from, found.same_from);
  const svg = s("svg", { viewBox: `0 0 ${W} ${H}`, class: "rt-vpicture", role: "img", "aria-label": say("voices.picture.told", { score: percent(scores[0]), from: percent(found.same_from) }) },
    low < found.same_from ? s("rect", { class: "rt-vzone", x: x(low), y: TOP - 6, width: x(found.same_from) - x(low), height: GROUND - TOP + 6 }) : "",
    s("path", { class: "rt-vcurve different", d: curve(place.different) }), s("path", { class: "rt-vcurve same", d: curve(place.same) }),
    s("line", { class: "rt-vground", x1: 8, x2: W - 8, y1: GROUND, y2: GROUND }),
    s("line", { class: "rt-vlimit", x1: x(found.same_from), x2: x(found.same_from), y1: TOP - 6, y2: GROUND }),
    ...dots(place.different, "different"), ...dots(place.same, "same"),
    ...scores.map((score) => s("line", { class: "rt-vscore", x1: x(score), x2: x(score), y1: TOP - 10, y2: GROUND + 4 })),
    words(Math.min(W - 50, Math.max(50, x(scores[0]))), TOP - 16, scores.length > 1 ? say("voices.picture.these") : say("voices.picture.this"), "score"),
    words(x(place.different.mean), H - 6, say("voices.different"), "different"), words(x(place.same.mean), H - 6, say("voices.same"), "same"));
  return h("figure.rt-vfigure", {}, svg, h("figcaption.rt-hint", place.local
    ? say("voices.picture.local", { different: place.different.n, same: place.same.n })
    : say("voices.picture.prior", { n: place.different.n })));
}

/** A score as a person reads it: 0 to 100. */
export const percent = (score) => Math.round(Math.min(1, Math.max(0, score)) * 100);
