// What is set for one model, and what is known of it.
import { api } from "./api.js";
import { button, h } from "./dom.js";
import { has, moment, say, size } from "./texts.js";
import { dialog, toast } from "./toast.js";

const MIB = 2 ** 20, KEEPS = [0, 60, 600, 3600, 28800];
const mib = (n) => size(n * MIB);
const number = (value) => new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
const deviceName = (device) => (device === "cpu" ? say("system.cpu") : `${say("system.gpu")} ${device.split(":")[1] || ""}`.trim());
const precisionName = (precision) => (has(`room.precision.${precision}`) ? say(`room.precision.${precision}`) : precision);
const UNITS = { "text-generation": "room.speed.writing", "text-to-speech": "room.speed.speaking", "video-to-video": "room.speed.video" };
const MADE = { "text-generation": "question", "text-to-speech": "sentence", "video-to-video": "video" };
// Frames of 320 × 180 in the 100,000 pixels that video is measured by.
const FRAMES = 100_000 / (320 * 180);
let count = 0;

/** Returns how fast a model is, in the measure of its task. */
export function speedTold(model, x) {
  const unit = UNITS[model.task];
  if (unit) return say(unit, { n: number(model.task === "video-to-video" ? x * FRAMES : x) });
  return x >= 1 ? say("room.speed", { x: number(x) }) : say("room.speed.slow", { x: number(x) });
}

function field(label, control, hint = "") {
  control.id = `rt-set-${count += 1}`;
  return h("div.rt-field", {}, h("label", { htmlFor: control.id }, label), control, hint && h("p.rt-hint", hint));
}

const select = (chosen, options) => h("select.rt-input", {}, options.map(([value, label]) => h("option", { value, selected: value === chosen }, label)));

/** Asks for device, precision, keep-alive time and pin, and keeps them. */
export function settingsOf(model, act) {
  const { choice, options } = model;
  return dialog(say("room.set.title", { model: model.title }), (close) => {
    const best = (value) => say("room.set.auto", { value });
    const device = select(choice.device || "", [["", Object.keys(options).length > 1 ? best(deviceName(model.device)) : say("room.set.auto.plain")], ...Object.keys(options).map((name) => [name, deviceName(name)])]);
    const precisions = () => [["", say("room.set.auto.plain")], ...(options[device.value || model.device] || []).map((name) => [name, precisionName(name)])];
    const precision = select(choice.precision || "", precisions());
    device.onchange = () => { const was = precision.value; precision.replaceChildren(...precisions().map(([value, label]) => h("option", { value, selected: value === was }, label))); };
    const kept = choice.keep_alive_s === null ? "" : String(choice.keep_alive_s);
    const keeps = KEEPS.map((n) => [String(n), say(`room.set.keep.${n}`)]);
    if (kept && !KEEPS.includes(Number(kept))) keeps.push([kept, say("room.fig.seconds", { n: kept })]);
    const keep = select(KEEPS.includes(Number(kept)) && kept ? String(Number(kept)) : kept, [["", say("room.set.keep.usual")], ...keeps]);
    const pin = h("input", { type: "checkbox", checked: choice.pinned });
    const save = act(async () => {
      const wanted = { device: device.value || null, precision: precision.value || null, keep_alive_s: keep.value === "" ? null : Number(keep.value), pinned: pin.checked };
      const busy = model.loaded?.leases > 0 && (wanted.device !== choice.device || wanted.precision !== choice.precision);
      await api.chooseModel(model.name, wanted);
      close();
      toast(say(busy ? "room.set.saved.later" : "room.set.saved"));
    });
    return h("form.rt-set", { onsubmit: (event) => { event.preventDefault(); save(); } },
      field(say("room.set.device"), device), field(say("room.set.precision"), precision, say("room.set.precision.hint")), field(say("room.set.keep"), keep),
      h("div.rt-field", {}, h("label.rt-check", {}, pin, say("room.set.pin")), h("p.rt-hint", say("room.set.pin.hint"))),
      h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }), h("button.rt-button.primary", { type: "submit" }, say("action.save"))));
  });
}

/** Shows what was measured of a model, or the first guesses. */
export function figuresOf(model, act) {
  const known = model.figures, measured = known.source === "measured";
  const rows = [
    ["room.fig.where", `${deviceName(model.device)}, ${precisionName(model.precision)}`],
    measured && ["room.fig.load", say("room.fig.seconds", { n: number(known.load_s) })],
    ["room.fig.resident", mib(known.resident_mib)], ["room.fig.working", mib(known.working_mib)], !UNITS[model.task] && ["room.fig.item", mib(known.working_item_mib)],
    (measured || !UNITS[model.task]) && ["room.fig.speed.now", speedTold(model, known.realtime_x)],
  ].filter(Boolean).map(([key, value]) => [say(key), value]);
  for (const [n, x] of Object.entries(known.speeds)) rows.push([say("room.fig.speed", { n }), speedTold(model, x)]);
  if (measured) rows.push([say("room.fig.sound"), say(`room.fig.sound.${(known.sound === "made" && MADE[model.task]) || known.sound}`)], [say("room.fig.at"), moment(known.measured_at)], [say("room.fig.learned"), number(known.n_runs)]);
  if (model.disk_bytes) rows.push([say("room.fig.disk"), size(model.disk_bytes)]);
  return dialog(say("room.fig.title", { model: model.title }), (close) => [
    h("p.rt-hint", measured ? say("room.source.measured.hint") : say("room.fig.not_yet")),
    h("dl.rt-facts", {}, rows.map(([name, value]) => [h("dt", name), h("dd", value)])),
    known.limit !== null && h("div.rt-row", {}, h("p.rt-hint", known.limit ? say("room.limit", { n: known.limit }) : say("room.limit.none")), button({ label: say("room.limit.forget"), kind: "text", onclick: () => { close(); act(() => api.forgetLimits(model.name))(); } })),
    h("footer", {}, button({ label: say("room.measure"), onclick: () => { close(); act(() => api.measureModel(model.name))(); } }), button({ label: say("action.close"), kind: "primary", onclick: () => close() }))]);
}
