// What can be done with any job: name it, tag it, delete it (and take that back).
import { api } from "./api.js";
import { languageName, say } from "./texts.js";
import { askLine, toast, trying } from "./toast.js";

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

/** Deletes jobs and offers to take it back; `undone` is called when that happens. */
export async function remove(jobs, undone = () => {}) {
  await Promise.all(jobs.map((job) => api.remove(job.id)));
  const back = trying(async () => {
    await Promise.all(jobs.map((job) => api.act(job.id, "undelete")));
    undone();
    dispatchEvent(new Event("roomtone:changed"));
  });
  toast(jobs.length === 1 ? say("deleted.one", { title: jobs[0].title }) : say("deleted.many", { n: jobs.length }), { action: { label: say("action.undo"), run: back }, ms: 12000 });
  dispatchEvent(new Event("roomtone:changed"));
  return true;
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
