// What the screen for cleaning up sound asks of the server.
import { api } from "./api.js";

export const SOUND = "audio-to-audio";
export const isSound = (job) => job?.task === SOUND;

export const soundApi = {
  choices: () => api.get("sound/choices").then((told) => told.choices),
  submit: (uploads, request) => api.post("sound/jobs", { uploads, request }).then((told) => told.jobs),
  asItCame: (id) => api.post(`sound/compare/${encodeURIComponent(id)}`, {}),
  compare: (id, other) => api.get(`sound/compare/${encodeURIComponent(id)}/${encodeURIComponent(other)}`),
  facts: (id) => api.get(`jobs/${encodeURIComponent(id)}/artifacts/facts`),
  pictures: (id) => api.get(`jobs/${encodeURIComponent(id)}/artifacts/pictures`),
  fileOf: (id, name, download = false) => `api/jobs/${encodeURIComponent(id)}/artifacts/${name}${download ? `?download=1&lang=${roomtone.language}` : ""}`,
};
