// What the server knows of voices.
import { ask } from "./api.js";

const at = (id) => `voices/${encodeURIComponent(id)}`;

export const voicesApi = {
  all: () => ask("GET", "voices"),
  enrol: (body) => ask("POST", "voices", body),
  add: (id, recordings) => ask("POST", `${at(id)}/recordings`, { recordings }),
  change: (id, name, ends_on) => ask("PATCH", at(id), { name, ends_on: ends_on || null }),
  revoke: (id) => ask("DELETE", at(id)).then((told) => told.n),
  log: (id) => ask("GET", `${at(id)}/log`).then((told) => told.log),
  rule: (wrong_share) => ask("PATCH", "voices/rule", { wrong_share }),
  take: (upload, clean = null) => ask("POST", "voices/clips", { upload, clean }).then((told) => told.job),
  clip: (job) => ask("GET", `voices/clips/${encodeURIComponent(job)}`),
  look: (job = null) => ask("POST", "voices/look", { job }).then((told) => told.n),
  recordings: () => ask("GET", "voices/recordings").then((told) => told.recordings),
  compare: (first, second) => ask("POST", "voices/compare", { first, second }),
  rank: (one, against) => ask("POST", "voices/rank", { one, against }),
  sampleOf: (id) => `api/${at(id)}/sample`,
  exportOf: (id) => `api/${at(id)}/export`,
};
