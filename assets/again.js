// Runs a recording again, with other settings if the person likes.
import { api } from "./api.js";
import { button, h } from "./dom.js";
import { languageCodes, say } from "./texts.js";
import { dialog, trying } from "./toast.js";
import { go } from "./way.js";

const choice = (id, label, options, value) => h("label.rt-field", {}, h("span", label),
  h("select.rt-input", { id }, options.map(([key, told]) => h("option", { value: key, selected: key === value }, told))));

/** Asks how, then makes the new job and opens it. */
export async function runAgain(job) {
  const was = job.request || {};
  const chosen = await dialog(say("again.title"), (close) => {
    const quality = choice("rt-again-quality", say("form.quality"), qualities(was.quality), was.quality);
    const language = choice("rt-again-language", say("form.language"), languages(was), was.language || (was.languages?.length ? "several" : "auto"));
    const output = choice("rt-again-output", say("form.output"), [["spoken", say("form.output.spoken")], ["english", say("form.output.english")]], was.translate ? "english" : "spoken");
    const script = choice("rt-again-script", say("form.script"), [["simplified", say("form.script.simplified")], ["traditional", say("form.script.traditional")]], was.script || "simplified");
    const hotwords = h("textarea.rt-input", { rows: 2, value: was.hotwords || "", maxLength: 2000 });
    const itn = h("input", { type: "checkbox", checked: Boolean(was.itn) });
    const valueOf = (field) => field.querySelector("select").value;
    const settings = () => ({
      ...was, quality: valueOf(quality), translate: valueOf(output) === "english", script: valueOf(script), hotwords: hotwords.value.trim(), itn: itn.checked,
      language: ["auto", "several"].includes(valueOf(language)) ? null : valueOf(language),
      languages: valueOf(language) === "several" ? was.languages : [],
    });
    return h("div.rt-again", {}, quality, language, output, script,
      h("label.rt-field", {}, h("span", say("form.hotwords")), hotwords),
      h("label.rt-check", {}, itn, h("span", say("form.itn"))),
      h("footer", {}, button({ label: say("again.same"), id: "rt-again-same", onclick: () => close("same") }),
        button({ label: say("again.run"), kind: "primary", id: "rt-again-run", onclick: () => close(settings()) })));
  });
  if (!chosen) return;
  await trying(async () => {
    const made = await api.act(job.id, "again", chosen === "same" ? undefined : { request: chosen });
    go(made.id);
  })();
}

function qualities(was) {
  const usual = ["fast", "balanced", "best"].map((name) => [name, say(`form.quality.${name}`)]);
  return usual.some(([name]) => name === was) || !was ? usual : [...usual, [was, was.replace(/^model:/, "")]];
}

function languages(was) {
  const named = languageCodes.map((code) => [code, say(`language.${code}`)]);
  const several = was.languages?.length ? [["several", was.languages.map((code) => say(`language.${code}`)).join(say("comma"))]] : [];
  return [["auto", say("form.language.auto")], ...several, ...named];
}
