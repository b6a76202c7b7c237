// What the screen for sharper video asks of the server.
import { api } from "./api.js";

export const VIDEO = "video-to-video";
export const isVideo = (job) => job?.task === VIDEO;
const at = (id) => encodeURIComponent(id);

export const videoApi = {
  choices: () => api.get("video/choices").then((told) => told.choices),
  look: (upload, request) => api.post("video/look", { upload, request }),
  room: () => api.get("video/room"),
  stillOf: (upload, second) => `api/video/still/${at(upload)}?at=${Math.round(second)}`,
  submit: (uploads, request) => api.post("video/jobs", { uploads, request }).then((told) => told.jobs),
  again: (id, request) => api.post(`video/jobs/${at(id)}/again`, request).then((told) => told.job),
  facts: (id) => api.get(`jobs/${at(id)}/artifacts/facts`),
  fileOf: (id, name, download = false) => `api/jobs/${at(id)}/artifacts/${name}${download ? `?download=1&lang=${roomtone.language}` : ""}`,
};
