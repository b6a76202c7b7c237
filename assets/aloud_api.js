// What the screen for reading aloud asks of the server.
import { api, ask } from "./api.js";

export const ALOUD = "text-to-speech";
export const KINDS = ["mp3", "m4a", "opus", "wav", "flac"];
export const isAloud = (job) => job?.task === ALOUD;

const at = (id) => `aloud/jobs/${encodeURIComponent(id)}`;

export const aloudApi = {
  voices: () => api.get("aloud/voices").then((told) => told.voices),
  submit: (what, request) => api.post("aloud/jobs", { ...what, request }).then((told) => told.jobs),
  sentences: (id) => api.get(`${at(id)}/sentences`),
  soundOf: (id, number, mark) => `api/${at(id)}/sentences/${number}?v=${encodeURIComponent(mark)}`,
  again: (id, number, text) => api.post(`${at(id)}/sentences/${number}/again`, text === undefined ? {} : { text }).then((told) => told.jobs[0]),
  fileOf: (id, kind) => `api/${at(id)}/file?kind=${kind}&download=true`,
  sampleOf: (voice) => `api/aloud/voices/${encodeURIComponent(voice)}/sample?language=${roomtone.language === "zh" ? "zh" : "en"}`,
  words: () => api.get("aloud/words").then((told) => told.words),
  setWord: (written, spoken) => ask("PUT", "aloud/words", { written, spoken }).then((told) => told.words),
};
