// What can be done with any job: name it, tag it, delete it (and take that back).
import { api } from "./api.js";
import { button, h } from "./dom.js";
import { languageName, say } from "./texts.js";
import { askLine, dialog, toast, trying } from "./toast.js";

/** Asks for another title; returns the changed job. */
export async function rename(job) {
  const title = await askLine(say("action.rename"), job.title);
  return title && title !== job.title ? api.change(job.id, { title }) : undefined;
}

/** Asks for the tags of a job; returns the changed job. */
export async function tag(job) {
  const told = await askLine(say("action.tag"), job.tags.join(say("comma")), { hint: say("tags.hint"), placeholder: say("tags.example"), maxLength: 600 });
  if (told === undefined) return undefined;
  const tags = [...new Set(told.split(/[,，、;；]/).map((name) => name.trim().slice(0, 50)).filter(Boolean))].slice(0, 20);
  return api.change(job.id, { tags });
}

// Offers to take a deletion back; they end with what they would bring back.
const offers = new Set();

/** Deletes jobs and offers to take it back; `undone` is called when that happens. */
export async function remove(jobs, undone = () => {}) {
  await Promise.all(jobs.map((job) => api.remove(job.id)));
  const back = trying(async () => {
    await Promise.all(jobs.map((job) => api.act(job.id, "undelete")));
    undone();
    dispatchEvent(new Event("roomtone:changed"));
  });
  const close = toast(jobs.length === 1 ? say("deleted.one", { title: jobs[0].title }) : say("deleted.many", { n: jobs.length }), { action: { label: say("action.undo"), run: back }, ms: 12000 });
  offers.add({ ids: jobs.map((job) => job.id), close });
  dispatchEvent(new Event("roomtone:changed"));
  return true;
}

/** Takes jobs back out of the bin. */
export async function takeBack(jobs) {
  await Promise.all(jobs.map((job) => api.act(job.id, "undelete")));
  toast(jobs.length === 1 ? say("bin.back.one", { title: jobs[0].title }) : say("bin.back.many", { n: jobs.length }));
  dispatchEvent(new Event("roomtone:changed"));
}

/** Asks, and then deletes for good these jobs of the bin, or all that is in it. */
export async function deleteForGood(jobs = null) {
  const what = !jobs ? say("bin.empty.ask") : jobs.length === 1 ? say("bin.gone.ask.one", { title: jobs[0].title }) : say("bin.gone.ask.many", { n: jobs.length });
  const sure = await dialog(say(jobs ? "bin.gone" : "bin.empty"), (close) => [
    h("p", what), h("p.rt-hint", say("bin.gone.hint")),
    h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }), button({ label: say("bin.gone"), kind: "primary", id: "rt-bin-sure", onclick: () => close(true) })),
  ], "small");
  if (!sure) return;
  toast(say("bin.gone.done", { n: await api.emptyBin(jobs?.map((job) => job.id)) }));
  for (const offer of offers) if (!jobs || jobs.some((job) => offer.ids.includes(job.id))) { offer.close(); offers.delete(offer); }
  dispatchEvent(new Event("roomtone:changed"));
}

/** What was chosen for a job besides the usual, in words. */
export function settingsOf(job) {
  const asked = job.request || {}, chinese = !asked.translate && ["zh", "yue"].includes(job.language);
  return [
    asked.quality === "fast" && say("form.quality.fast"),
    asked.languages?.length > 1 && say("history.among", { names: asked.languages.map(languageName).join(say("comma")) }),
    asked.translate && say("form.output.english"), chinese && asked.script === "traditional" && say("form.script.traditional"),
    asked.hotwords && say("history.withNames"), asked.itn && say("form.itn"),
    asked.clean && job.task !== "audio-to-audio" && say(`clean.did.${asked.clean}`),
  ].filter(Boolean);
}
