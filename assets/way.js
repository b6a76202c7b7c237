// The address of the page: `?job=ID&t=SECONDS` is one recording, without it the tabs.
import { h } from "./dom.js";

/** What the address names: {job, at}; `job` is null on the tabs. */
export function here() {
  const asked = new URLSearchParams(location.search);
  const at = Number.parseFloat(asked.get("t"));
  return { job: asked.get("job"), at: Number.isFinite(at) ? at : null };
}

/** Goes to a job (at a second), or with null back to the tabs. */
export function go(job, at = null) {
  const asked = new URLSearchParams(location.search);
  for (const key of ["job", "t"]) asked.delete(key);
  if (job) asked.set("job", job);
  if (job && at !== null) asked.set("t", String(Math.round(at * 10) / 10));
  const query = asked.toString();
  history.pushState({ from: here().job }, "", `${location.pathname}${query ? `?${query}` : ""}`);
  announce();
}

/** A link with the title of a job that opens it here, or in another tab where the browser is asked for one. */
export function linkTo(job) {
  return h("a.rt-link", { href: `?job=${encodeURIComponent(job.id)}`, onclick: (event) => { if (event.ctrlKey || event.metaKey || event.shiftKey) return; event.preventDefault(); go(job.id); } }, job.title);
}

export function announce() {
  document.documentElement.classList.toggle("rt-in-job", Boolean(here().job));
  dispatchEvent(new Event("roomtone:way"));
}

addEventListener("popstate", announce);

/** Opens a tab by its id. */
export function openTab(name) {
  go(null);
  document.querySelector(`#rt-tab-${name}-button`)?.click();
}
