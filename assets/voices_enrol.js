// Making a voice known: whose it is, where it is heard, and who agreed to it.
import { button, fill, h } from "./dom.js";
import { say } from "./texts.js";
import { complain, dialog, toast, trying } from "./toast.js";
import { voicesApi } from "./voices_api.js";
import { Source } from "./voices_source.js";

const MOST = 20;

/** Today (or a later day) as the server writes it: 2026-11-21. */
export const day = (date = new Date()) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;

/** Names known voices in transcripts that are there already: in one, or in all. */
export const look = trying(async (job) => {
  const n = await voicesApi.look(job);
  toast(say(n ? "voices.looked" : "voices.looked.none", { n }));
  if (n) dispatchEvent(new Event("roomtone:voices"));
});

function field(label, control, hint = "") {
  return h("label.rt-field", {}, h("span", label), control, hint && h("span.rt-hint", hint));
}

/** Opens the form; `given` are {told, key} of speakers that are chosen already. Resolves true when a voice is known. */
export function enrol({ given = [], name = "", needed = 10 } = {}) {
  return dialog(say("voices.enrol"), (close) => {
    const sources = [], place = h("div.rt-vsources");
    const called = h("input.rt-input", { name: "name", required: true, maxLength: 80, value: name, autocomplete: "off", id: "rt-voice-name" });
    const by = h("input.rt-input", { name: "by", required: true, maxLength: 80, autocomplete: "off", id: "rt-voice-by" });
    const on = h("input.rt-input", { type: "date", name: "on", required: true, value: day(), max: day(), id: "rt-voice-on" });
    const ends = h("input.rt-input", { type: "date", name: "ends", min: day(), id: "rt-voice-ends" });
    const text = h("textarea.rt-input", { name: "text", required: true, minLength: 3, maxLength: 1000, rows: 3, placeholder: say("voices.consent.example"), id: "rt-voice-consent" });
    const save = h("button.rt-button.primary", { type: "submit", id: "rt-voice-save" }, say("voices.enrol.save"));
    const more = button({ label: say("voices.enrol.more"), icon: "folder", onclick: () => add() });
    const problem = h("div.rt-card-error", { role: "alert", hidden: true });
    const changed = () => { save.disabled = !sources.some((one) => one.ref) || sources.some((one) => one.busy); more.hidden = !sources.every((one) => one.ref) || sources.length >= MOST; problem.hidden = true; };
    const add = (start) => {
      const source = new Source({ kinds: ["file", "speaker"], alone: true, changed: () => changed(), label: say("voices.recording") });
      sources.push(source);
      place.append(source.element);
      if (start) source.show(start.told, start.key);
      changed();
    };
    if (given.length) given.forEach(add); else add();
    const send = async (anyway) => {
      save.disabled = true;
      try {
        const recordings = sources.map((one) => one.ref).filter(Boolean);
        await voicesApi.enrol({ name: called.value.trim(), agreed_by: by.value.trim(), agreed_on: on.value, consent: text.value.trim(), ends_on: ends.value || null, recordings, anyway });
        close(true);
        toast(say("voices.enrolled", { name: called.value.trim() }), { action: { label: say("voices.look"), run: () => look() }, ms: 15000 });
      } catch (error) {
        changed();
        if (error?.status === undefined || error.code === "unreachable") { complain(error); return; }
        problem.hidden = false;
        fill(problem, h("strong", error.message), error.hint && h("span", error.hint),
          error.code === "voice_known" && button({ label: say("voices.enrol.anyway"), kind: "text", onclick: () => send(true) }));
        problem.scrollIntoView({ block: "nearest" });
      }
    };
    return h("form.rt-venrol", { onsubmit: (event) => { event.preventDefault(); send(false); } },
      field(say("voices.name"), called), h("div.rt-field", {}, h("span", say("voices.recordings")), h("span.rt-hint", say("voices.recordings.hint", { n: needed })), place, h("div", {}, more)),
      h("fieldset.rt-vconsent", {}, h("legend", say("voices.consent")), h("p.rt-hint", say("voices.consent.hint")),
        h("div.rt-vpair", {}, field(say("voices.consent.by"), by), field(say("voices.consent.on"), on)),
        field(say("voices.consent.text"), text), field(say("voices.ends"), ends, say("voices.ends.hint"))),
      problem, h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }), save));
  });
}
