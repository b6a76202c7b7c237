// What this machine carries, and what cards of usual sizes would.
import { fill, h } from "./dom.js";
import { say, size } from "./texts.js";

const MIB = 2 ** 20;
const bits = (precision) => (precision.startsWith("int8") ? 8 : precision === "float32" ? 32 : 16);

/** Shows the profiles in `body`; `models` give the titles. */
export function showCarry(body, profiles, machine, models) {
  const title = (name) => models.find((model) => model.name === name)?.title || name, rank = (name) => models.find((model) => model.name === name)?.rank || 0;
  const comma = roomtone.language === "zh" ? "、" : ", ";
  const MOST = 3, list = (fits) => (fits.length ? fits.slice(0, MOST).map((fit) => title(fit.name)).join(comma) + (fits.length > MOST ? say("carry.more", { n: fits.length - MOST }) : "") : say("carry.none"));
  const here = profiles.here.map((one) => {
    const gpu = machine.gpus.find((card) => `cuda:${card.index}` === one.device), budget = size(one.budget_mib * MIB);
    return [h("strong", gpu ? say("carry.gpu", { name: gpu.name, size: budget }) : say("carry.cpu", { size: budget })),
      h("p.rt-hint", one.together.length ? say("carry.together", { models: list(one.together), size: size(one.together_mib * MIB) }) : say("carry.together.none"))];
  });
  const best = (card) => [...card.fits].sort((a, b) => rank(b.name) - rank(a.name))[0];
  const row = (card) => { const one = best(card); return h("tr", {}, h("th", { scope: "row" }, say("carry.gb", { n: card.gb })), h("td", one ? title(one.name) : say("carry.none")), h("td", one ? say("carry.bits", { n: bits(one.precision) }) : "–"), h("td", one?.batch ?? "–"), h("td", list(card.together))); };
  const head = ["card", "best", "precision", "batch", "beside"].map((name) => h("th", { scope: "col" }, say(`carry.${name}`)));
  const open = body.querySelector("details")?.open;
  fill(body, here, h("details", { open }, h("summary", say("carry.cards")), h("p.rt-hint", say("carry.cards.hint")), h("div.rt-wide-table", { tabIndex: 0 }, h("table.rt-table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, profiles.cards.map(row))))));
}
