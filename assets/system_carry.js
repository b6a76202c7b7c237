// What this machine carries, and what cards of usual sizes would.
import { fill, h } from "./dom.js";
import { say, size } from "./texts.js";

const MIB = 2 ** 20;
const MOST = 4, SPEECH = "automatic-speech-recognition";
const ONE_BY_ONE = ["text-generation", "text-to-speech", "video-to-video"];
const bits = (precision) => (precision === "int4" ? 4 : precision.startsWith("int8") ? 8 : precision === "float32" ? 32 : 16);

/** Shows the profiles in `body`; `models` tell of each model. */
export function showCarry(body, profiles, machine, models) {
  const known = (name) => models.find((model) => model.name === name) || { title: name, rank: 0 };
  const told = (fit, batch) => {
    const model = known(fit.name), at_once = ONE_BY_ONE.includes(model.task) ? say("carry.one") : say("carry.at_once", { n: batch });
    return h("li", {}, h("span", model.title), h("span", `${say("carry.bits", { n: bits(fit.precision) })} · ${at_once}`));
  };
  // The first few are seen at once, all of them with a press.
  const list = (fits) => {
    if (!fits.length) return say("carry.none");
    const rows = fits.map((fit) => told(fit, fit.beside_batch)), rest = rows.splice(MOST);
    return [h("ul.rt-plain.rt-carried", {}, rows), rest.length > 0 && h("details", {}, h("summary", say("carry.more", { n: rest.length })), h("ul.rt-plain.rt-carried", {}, rest))];
  };
  const here = profiles.here.map((one) => {
    const gpu = machine.gpus.find((card) => `cuda:${card.index}` === one.device), budget = size(one.budget_mib * MIB);
    return [h("strong", gpu ? say("carry.gpu", { name: gpu.name, size: budget }) : say("carry.cpu", { size: budget })),
      one.together.length ? h("div", {}, h("p.rt-hint", say("carry.together", { size: size(one.together_mib * MIB) })), list(one.together)) : h("p.rt-hint", say("carry.together.none"))];
  });
  const best = (card) => card.fits.filter((fit) => known(fit.name).task === SPEECH && !known(fit.name).english_only).sort((a, b) => known(b.name).rank - known(a.name).rank)[0];
  const alone = (fit) => say("carry.alone", { model: known(fit.name).title, bits: say("carry.bits", { n: bits(fit.precision) }), n: say("carry.at_once", { n: fit.batch }) });
  const row = (card) => { const one = best(card); return h("section.rt-carry-card", {}, h("h4", say("carry.gb", { n: card.gb })), h("div", {}, h("p", one ? alone(one) : say("carry.none")), h("p.rt-hint", say("carry.beside")), list(card.together))); };
  const open = body.querySelector("details.rt-carry-cards")?.open;
  fill(body, here, h("details.rt-carry-cards", { open }, h("summary", say("carry.cards")), h("p.rt-hint", say("carry.cards.hint")), profiles.cards.map(row)));
}
