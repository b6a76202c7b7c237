// What the screens for writing ask of the server.
import { api, ask } from "./api.js";

export const WRITE = "text-generation";
export const isWritten = (job) => job?.task === WRITE;
/** Kinds of which each sentence of the source is a sentence of the result. */
export const LINE_BY_LINE = ["polish", "subtitles", "translate"];

const at = (id) => `jobs/${encodeURIComponent(id)}`;

export const writeApi = {
  choices: () => api.get("writing/choices"),
  submit: (source, request) => api.post("writing/jobs", { ...source, request }).then((told) => told.job),
  recent: (limit = 20) => api.get(`writing/jobs?limit=${limit}`).then((told) => told.jobs),
  of: (id) => api.get(`${at(id)}/writings`).then((told) => told.jobs),
  state: (id) => api.get(`${at(id)}/writing`),
  refuse: (id, refused) => ask("PATCH", `${at(id)}/writing`, { refused }),
  apply: (id) => api.post(`${at(id)}/writing/apply`),
  chapters: (id) => api.get(`${at(id)}/chapters`).then((told) => told.chapters),
  setChapters: (id, chapters) => ask("PATCH", `${at(id)}/chapters`, { chapters }),
  fileOf: (id, format) => `api/${at(id)}/writing/file?format=${format}&lang=${roomtone.language}`,
  addTemplate: (name, text) => api.post("writing/templates", { name, text }),
  changeTemplate: (id, name, text) => ask("PATCH", `writing/templates/${encodeURIComponent(id)}`, { name, text }),
  dropTemplate: (id) => ask("DELETE", `writing/templates/${encodeURIComponent(id)}`),
};
