// Voices made from recordings: made with consent, given a last day, taken back.
import { api } from "./api.js";
import { aloudApi } from "./aloud_api.js";
import { button, fill, h } from "./dom.js";
import { clock, moment, say } from "./texts.js";
import { complain, dialog, menu, toast, trying } from "./toast.js";
import { day } from "./voices_enrol.js";
import { hearButton, seconds } from "./voices_source.js";

const date = (text) => new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${text}T00:00:00Z`));
const field = (label, control, hint = "") => h("label.rt-field", {}, h("span", label), control, hint && h("span.rt-hint", hint));

/** Opens the form; resolves to the id of the new voice, or nothing. */
export async function makeVoice() {
  const told = await api.jobs({ task: "automatic-speech-recognition", status: "succeeded", limit: 50 });
  const job = await dialog(say("aloud.own.choose"), (close) => (told.jobs.length
    ? h("div.rt-aloud-picks", {}, told.jobs.map((one) => h("button.rt-aloud-pick", { type: "button", onclick: () => close(one) }, h("strong", one.title), h("small", moment(one.created_at)))))
    : h("p", say("aloud.own.choose.none"))));
  if (!job) return null;
  const found = await aloudApi.stretches(job.id);
  if (!found.length) { toast(say("aloud.own.none"), { hint: say("aloud.own.none.hint"), kind: "bad" }); return null; }
  return dialog(say("aloud.own.make"), (close) => form(job, found, close));
}

function form(job, found, close) {
  let chosen = found[0];
  const input = (name, more = {}) => h("input.rt-input", { name, required: true, maxLength: 80, autocomplete: "off", id: `rt-own-${name}`, ...more });
  const name = input("name"), by = input("by"), on = input("on", { type: "date", value: day(), max: day() });
  const ends = input("ends", { type: "date", required: false, min: day() });
  const consent = h("textarea.rt-input", { required: true, minLength: 3, maxLength: 1000, rows: 3, placeholder: say("aloud.own.consent.example"), id: "rt-own-consent" });
  const text = h("textarea.rt-input", { required: true, minLength: 3, maxLength: 1000, rows: 3, value: chosen.text, id: "rt-own-text" });
  const row = (one, number) => {
    const radio = h("input", { type: "radio", name: "rt-own-stretch", checked: one === chosen, onchange: () => { chosen = one; text.value = one.text; } });
    const place = say("aloud.own.stretch", { at: clock(one.start), time: seconds(one.end - one.start) });
    return h("li", {}, h("label.rt-own-stretch", {}, radio, h("span", {}, h("strong", place), h("small", one.text)), hearButton(api.soundOf(job.id), [one.start, one.end], `${number + 1}`)));
  };
  const save = h("button.rt-button.primary", { type: "submit", id: "rt-own-save" }, say("aloud.own.make"));
  const problem = h("div.rt-card-error", { role: "alert", hidden: true });
  const send = async () => {
    save.disabled = true;
    problem.hidden = true;
    try {
      const made = await aloudApi.makeOwn({
        name: name.value.trim(), agreed_by: by.value.trim(), agreed_on: on.value, consent: consent.value.trim(), ends_on: ends.value || null,
        job: job.id, start: chosen.start, end: chosen.end, text: text.value.trim(),
      });
      toast(say("aloud.own.made", { name: name.value.trim() }));
      close(made);
    } catch (error) {
      if (error?.status === undefined || error.code === "unreachable") { complain(error); return; }
      problem.hidden = false;
      fill(problem, h("strong", error.message), error.hint && h("span", error.hint));
      problem.scrollIntoView({ block: "nearest" });
    } finally { save.disabled = false; }
  };
  return h("form.rt-venrol", { onsubmit: (event) => { event.preventDefault(); send(); } },
    field(say("aloud.own.name"), name),
    h("div.rt-field", {}, h("span", say("aloud.own.where", { title: job.title })), h("span.rt-hint", say("aloud.own.where.hint")), h("ul.rt-own-stretches", {}, found.map(row))),
    field(say("aloud.own.text"), text, say("aloud.own.text.hint")),
    h("fieldset.rt-vconsent", {}, h("legend", say("voices.consent")), h("p.rt-hint", say("aloud.own.consent.hint")),
      h("div.rt-vpair", {}, field(say("voices.consent.by"), by), field(say("voices.consent.on"), on)),
      field(say("voices.consent.text"), consent), field(say("voices.ends"), ends, say("aloud.own.ends.hint"))),
    problem, h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }), save));
}

/** The menu of one such voice; `changed()` is called when it is another one, or gone. */
export function ownMenu(anchor, id, changed) {
  const of = async () => (await aloudApi.own()).find((one) => one.id === id);
  menu(anchor, [
    { label: say("voices.change"), run: trying(async () => { const one = await of(); if (one && await change(one)) changed(); }) },
    { label: say("voices.consent.show"), run: trying(async () => { const one = await of(); if (one) await shown(one); }) },
    { label: say("voices.revoke"), kind: "bad", run: trying(async () => { const one = await of(); if (one && await revoke(one)) changed(); }) },
  ]);
}

async function change(one) {
  const name = h("input.rt-input", { value: one.name, required: true, maxLength: 80 }), ends = h("input.rt-input", { type: "date", value: one.ends_on || "", min: day() });
  const wanted = await dialog(one.name, (close) => h("form", { onsubmit: (event) => { event.preventDefault(); close({ name: name.value.trim(), ends: ends.value }); } },
    field(say("aloud.own.name"), name), field(say("voices.ends"), ends, say("aloud.own.ends.hint")),
    h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }), h("button.rt-button.primary", { type: "submit" }, say("action.save")))), "small");
  if (wanted) await aloudApi.changeOwn(one.id, wanted.name, wanted.ends || null);
  return Boolean(wanted);
}

async function shown(one) {
  const log = await aloudApi.ownLog(one.id);
  const who = (address) => (address === "" ? say("voices.log.self") : ["127.0.0.1", "::1"].includes(address) ? say("voices.log.here") : address);
  await dialog(one.name, () => [
    h("p.rt-hint", say("voices.agreed", { by: one.agreed_by, day: date(one.agreed_on) })), h("blockquote.rt-vquote", one.consent),
    h("p.rt-hint", [say("aloud.own.from", { title: one.source, time: seconds(one.speech_s) }), one.ends_on && say("voices.until", { day: date(one.ends_on) })].filter(Boolean).join(" · ")),
    h("h3", say("voices.log")),
    h("ul.rt-vlog", {}, log.map((entry) => h("li", {}, h("time", moment(entry.at)), h("span", {}, say(`voices.log.what.${entry.what}`), entry.job && [" ", h("a", { href: `?job=${encodeURIComponent(entry.job)}` }, say("voices.log.open"))]), h("span", who(entry.who))))),
  ]);
}

async function revoke(one) {
  const readings = h("input", { type: "checkbox", id: "rt-own-readings" });
  const sure = await dialog(say("voices.revoke.sure", { name: one.name }), (close) => [h("p", say("aloud.own.revoke.hint")),
    one.n_read > 0 && h("label.rt-check", {}, readings, h("span", say("aloud.own.revoke.readings", { n: one.n_read }))),
    h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }), button({ label: say("voices.revoke.do"), icon: "trash", kind: "primary", id: "rt-own-forget", onclick: () => close(true) }))], "small");
  if (!sure) return false;
  await aloudApi.revokeOwn(one.id, readings.checked);
  toast(say("aloud.own.revoked"));
  return true;
}

/** A button that begins to make one. */
export function makeButton(changed) {
  return button({ label: say("aloud.own.add"), icon: "mic", id: "rt-own-add", onclick: trying(async () => { const id = await makeVoice(); if (id) changed(id); }) });
}

