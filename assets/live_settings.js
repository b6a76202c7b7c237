// What a live session is told to do: the same choices before it begins and while it runs.
import { choice, languagePicker } from "./again.js";
import { button, h } from "./dom.js";
import { say } from "./texts.js";
import { dialog } from "./toast.js";

const KEPT = "roomtone.live.settings", PAUSES = ["0.3", "0.6", "1", "1.5", "2"], USUAL_PAUSE = "0.6";

/** What this browser chose last; at first what its form for recordings says. */
export function lastSettings() {
  const kept = roomtone.kept.get(KEPT);
  if (kept) return JSON.parse(kept);
  const { language, languages, translate, script, hotwords, itn, quality } = roomtone.form.request();
  return { language, languages, translate, script, hotwords, itn, quality, pause_s: Number(USUAL_PAUSE) };
}

export function keepSettings(settings) { roomtone.kept.set(KEPT, JSON.stringify(settings)); }

/** Returns {element, settings()} with the fields filled as `was` says; their ids begin with `mark`. */
export function settingsFields(was, mark = "rt-live") {
  const spoken = languagePicker(was.language ? [was.language] : was.languages || [], `${mark}-language`);
  const two = (id, name, values, value) => choice(id, say(`form.${name}`), values.map((one) => [one, say(`form.${name}.${one}`)]), value);
  const output = two(`${mark}-output`, "output", ["spoken", "english"], was.translate ? "english" : "spoken");
  const script = two(`${mark}-script`, "script", ["simplified", "traditional"], was.script || "simplified");
  const quality = two(`${mark}-quality`, "quality", ["fast", "balanced", "best"], was.quality || "balanced");
  const pause = choice(`${mark}-gap`, say("live.pause"), PAUSES.map((seconds) => [seconds, say(`live.pause.${seconds}`)]), PAUSES.includes(String(was.pause_s)) ? String(was.pause_s) : USUAL_PAUSE);
  const hotwords = h("textarea.rt-input", { id: `${mark}-hotwords`, rows: 2, value: was.hotwords || "", maxLength: 2000, placeholder: say("form.hotwords.placeholder") });
  const itn = h("input", { type: "checkbox", checked: Boolean(was.itn) });
  const valueOf = (field) => field.querySelector("select").value;
  const element = h("div.rt-again.rt-live-fields", {}, spoken.element, output, script,
    h("label.rt-field", {}, h("span", say("form.hotwords")), hotwords),
    h("details", {}, h("summary", say("form.more")), pause, quality, h("label.rt-check", {}, itn, h("span", say("form.itn")))));
  const fit = () => { script.hidden = valueOf(output) === "english"; };
  output.addEventListener("change", fit);
  fit();
  const settings = () => ({
    ...spoken.asked(), translate: valueOf(output) === "english", script: valueOf(script), hotwords: hotwords.value.trim(),
    itn: itn.checked, quality: valueOf(quality), pause_s: Number(valueOf(pause)),
  });
  return { element, settings };
}

/** Asks for other settings while a session runs; undefined when the person thought better of it. */
export function askSettings(was) {
  return dialog(say("live.settings"), (close) => {
    const { element, settings } = settingsFields(was, "rt-live-now");
    return [h("p.rt-hint", say("live.settings.hint")), element,
      h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }),
        button({ label: say("action.save"), kind: "primary", id: "rt-live-settings-save", onclick: () => close(settings()) }))];
  });
}
