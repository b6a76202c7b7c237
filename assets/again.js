// Runs a recording again, with other settings if the person likes.
import { api } from "./api.js";
import { button, fill, h, icon } from "./dom.js";
import { chosenByName } from "./model_choice.js";
import { speakersSwitch } from "./speakers_ask.js";
import { isAloud } from "./aloud_api.js";
import { isSound } from "./sound_api.js";
import { languageCodes, languageName, say } from "./texts.js";
import { dialog, toast, trying } from "./toast.js";
import { go } from "./way.js";

export const choice = (id, label, options, value) => h("label.rt-field", {}, h("span", label),
  h("select.rt-input", { id }, options.map(([key, told]) => h("option", { value: key, selected: key === value }, told))));

/** Asks how, then makes the new job and opens it. */
export async function runAgain(job) {
  if (isSound(job) || isAloud(job)) { go((await api.act(job.id, "again")).id); toast(say("again.made")); return; }
  const was = job.request || {}, models = await chosenByName();
  const chosen = await dialog(say("again.title"), (close) => {
    const { element, settings } = fields(was, models);
    return h("div.rt-again", {}, element,
      h("footer", {}, button({ label: say("again.same"), id: "rt-again-same", onclick: () => close("same") }),
        button({ label: say("again.run"), kind: "primary", id: "rt-again-run", onclick: () => close(settings()) })));
  });
  if (!chosen) return;
  await trying(async () => {
    const made = await api.act(job.id, "again", chosen === "same" ? undefined : { request: chosen });
    go(made.id);
    toast(say("again.made"));
  })();
}

function fields(was, models) {
  const quality = choice("rt-again-quality", say("form.quality"), qualities(was.quality, models), was.quality);
  const spoken = languagePicker(was.language ? [was.language] : was.languages || []);
  const output = choice("rt-again-output", say("form.output"), [["spoken", say("form.output.spoken")], ["english", say("form.output.english")]], was.translate ? "english" : "spoken");
  const script = choice("rt-again-script", say("form.script"), [["simplified", say("form.script.simplified")], ["traditional", say("form.script.traditional")]], was.script || "simplified");
  const hotwords = h("textarea.rt-input", { rows: 2, value: was.hotwords || "", maxLength: 1000 });
  const speakers = speakersSwitch(was.speakers);
  const clean = choice("rt-again-clean", say("form.clean"), [["", say("clean.none")], ["denoise", say("sound.way.denoise")], ["restore", say("sound.way.restore")]], was.clean || "");
  const tick = (on) => h("input", { type: "checkbox", checked: Boolean(on) });
  const itn = tick(was.itn), words = tick(was.word_timestamps ?? true);
  const vad = was.vad || {};
  const beam = number("beam", was.beam_size, 1, 10, 1, { placeholder: say("form.beam.usual") });
  const limits = [["threshold", "threshold", 0.05, 0.95, 0.05], ["min_silence_duration_ms", "silence", 0, 10000, 100], ["speech_pad_ms", "pad", 0, 2000, 50]]
    .filter(([name]) => name in vad).map(([name, label, ...bounds]) => [name, number(label, vad[name], ...bounds)]);
  const element = [quality, spoken.element, output, script, speakers.element, h("label.rt-field", {}, h("span", say("form.hotwords")), hotwords),
    h("details", {}, h("summary", say("form.more")), clean, h("label.rt-check", {}, itn, h("span", say("form.itn"))), h("label.rt-check", {}, words, h("span", say("form.words"))),
      beam.element, limits.map(([, field]) => field.element))];
  const valueOf = (field) => field.querySelector("select").value;
  const settings = () => ({
    ...was, ...spoken.asked(), quality: valueOf(quality), translate: valueOf(output) === "english", script: valueOf(script), hotwords: hotwords.value.trim(),
    speakers: speakers.wish(), clean: valueOf(clean) || null, itn: itn.checked, word_timestamps: words.checked, beam_size: beam.value(null),
    vad: { ...vad, ...Object.fromEntries(limits.map(([name, field]) => [name, field.value(vad[name])])) },
  });
  return { element, settings };
}

function number(name, value, min, max, step, more = {}) {
  const input = h("input.rt-input", { type: "number", value: value ?? "", min, max, step, ...more });
  const element = h("label.rt-field", {}, h("span", say(`form.${name}`)), input);
  return { element, value: (otherwise) => (input.value === "" ? otherwise : Math.min(max, Math.max(min, input.valueAsNumber))) };
}

/** Languages to choose from, as many as people speak; none is automatic. */
export function languagePicker(codes, id = "rt-again-language") {
  const chosen = [...codes], names = h("div.rt-tags");
  const add = h("select.rt-input", { id, "aria-label": say("form.language"), onchange: () => { if (add.value) chosen.push(add.value); draw(); } });
  const draw = () => {
    fill(names, chosen.map((code) => h("button.rt-tag", { type: "button", "aria-label": `${say("files.remove")} ${languageName(code)}`, onclick: () => { chosen.splice(chosen.indexOf(code), 1); draw(); add.focus(); } }, languageName(code), icon("close"))));
    names.hidden = !chosen.length;
    fill(add, h("option", { value: "" }, say(chosen.length ? "again.language" : "form.language.auto")), languageCodes.filter((code) => !chosen.includes(code)).map((code) => h("option", { value: code }, languageName(code))));
    add.value = "";
  };
  draw();
  return {
    // Not a label: a click on it would press the first of its buttons.
    element: h("div.rt-field", { role: "group", "aria-label": say("form.language") }, h("span", say("form.language")), names, add),
    asked: () => ({ language: chosen.length === 1 ? chosen[0] : null, languages: chosen.length > 1 ? chosen : [] }),
  };
}

/** Makes the text of a recording anew with the best model, and opens it. */
export async function bestAgain(job) {
  go((await api.act(job.id, "again", { request: { ...job.request, quality: "best" } })).id);
  toast(say("again.made"));
}

/** The notes of a job, as elements; what was answered from the store can be made anew. */
export const notesOf = (job) => [job.deleted && deletedNote(job), ...(job.notes || []).map((note) => h("p.rt-note", {}, icon("info"), h("span", {}, note.message, " ",
  note.code === "from_history" && button({ label: say("again.anew"), kind: "inline", onclick: trying(async () => { go((await api.act(job.id, "again")).id); toast(say("again.made")); }) }))))].filter(Boolean);

// Somebody else, or another window, has deleted what is open here.
const deletedNote = (job) => h("p.rt-note", {}, icon("info"), h("span", {}, say("deleted.note"), " ", button({ label: say("deleted.back"), kind: "inline", onclick: trying(() => api.act(job.id, "undelete")) })));

function qualities(was, models) {
  const usual = ["fast", "balanced", "best"].map((name) => [name, say(`form.quality.${name}`)]);
  usual.push(...models.map(([name, title]) => [`model:${name}`, title]));
  return usual.some(([name]) => name === was) || !was ? usual : [...usual, [was, was.replace(/^model:/, "")]];
}
