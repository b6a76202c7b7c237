// What the screen for reading aloud asks of the server.
import { api, ask } from "./api.js";

export const ALOUD = "text-to-speech";
export const KINDS = ["mp3", "m4a", "opus", "wav", "flac"];
export const isAloud = (job) => job?.task === ALOUD;

const at = (id) => `aloud/jobs/${encodeURIComponent(id)}`;

export const aloudApi = {
  voices: () => api.get("aloud/voices"),
  submit: (what, request) => api.post("aloud/jobs", { ...what, request }).then((told) => told.jobs),
  sentences: (id) => api.get(`${at(id)}/sentences`),
  soundOf: (id, number, mark) => `api/${at(id)}/sentences/${number}?v=${encodeURIComponent(mark)}`,
  again: (id, number, text) => api.post(`${at(id)}/sentences/${number}/again`, text === undefined ? {} : { text }).then((told) => told.jobs[0]),
  fileOf: (id, kind) => `api/${at(id)}/file?kind=${kind}&download=true`,
  dub: (id, upload) => api.post(`${at(id)}/video`, upload ? { upload } : {}),
  videoOf: (id) => `api/${at(id)}/video`,
  sampleOf: (voice) => `api/aloud/voices/${encodeURIComponent(voice)}/sample?language=${roomtone.language === "zh" ? "zh" : "en"}`,
  own: () => api.get("aloud/own").then((told) => told.voices),
  stretches: (job) => api.get(`aloud/own/stretches?job=${encodeURIComponent(job)}`).then((told) => told.stretches),
  makeOwn: (body) => api.post("aloud/own", body).then((told) => told.id),
  changeOwn: (id, name, ends_on) => ask("PATCH", `aloud/own/${id}`, { name, ends_on }),
  revokeOwn: (id, readings) => ask("DELETE", `aloud/own/${id}?readings=${readings}`),
  ownLog: (id) => api.get(`aloud/own/${id}/log`).then((told) => told.log),
  ownSound: (id) => `api/aloud/own/${id}/sample`,
  words: () => api.get("aloud/words").then((told) => told.words),
  setWord: (written, spoken) => ask("PUT", "aloud/words", { written, spoken }).then((told) => told.words),
};
