// Talks to the HTTP interface.

/** What the server refused, in words that it chose for the reader. */
export class Refused extends Error {
  constructor(told, status) {
    super(told.message || String(status));
    this.hint = told.hint || "";
    this.code = told.code || "";
    this.status = status;
  }
}

const HEADERS = { "X-Roomtone": "1", "X-Roomtone-Language": roomtone.language };

// What is written while the page is being left has to outlive it; the browser allows that for 64 KB only.
let leaving = false;
addEventListener("pagehide", () => { leaving = true; }, { capture: true });
addEventListener("pageshow", () => { leaving = false; });

export async function ask(method, path, body, signal) {
  const options = { method, signal, headers: { ...HEADERS } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
    options.keepalive = leaving && options.body.length < 20_000;
  }
  let answer;
  try {
    answer = await fetch(`api/${path}`, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused({ code: "unreachable" }, 0);
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(told.error || {}, answer.status);
  return told;
}

const query = (values) => {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
};
const at = (id) => `jobs/${encodeURIComponent(id)}`;

export const api = {
  get: (path) => ask("GET", path),
  post: (path, body) => ask("POST", path, body),
  submit: (uploads, request) => ask("POST", "jobs", { uploads, request }).then((told) => told.jobs),
  jobs: (filter = {}, signal) => ask("GET", `jobs${query(filter)}`, undefined, signal),
  job: (id) => ask("GET", at(id)),
  change: (id, patch) => ask("PATCH", at(id), patch),
  act: (id, verb, body) => ask("POST", `${at(id)}/${verb}`, body),
  remove: (id) => ask("DELETE", at(id)),
  emptyBin: (ids = null) => ask("DELETE", ids ? `bin?jobs=${ids.join(",")}` : "bin").then((told) => told.n),
  segments: (id, after = -1, limit = 500, signal) => ask("GET", `${at(id)}/segments${query({ after, limit })}`, undefined, signal),
  edit: (id, edits, was = {}) => ask("PATCH", `${at(id)}/segments`, { edits, was }),
  replace: (id, find, replacement, match_case) => ask("POST", `${at(id)}/replace`, { find, replacement, match_case }).then((told) => told.n),
  speakers: (id) => ask("GET", `${at(id)}/speakers`),
  tellSpeakers: (id, wish) => ask("POST", `${at(id)}/speakers`, wish),
  nameSpeaker: (id, key, name) => ask("PATCH", `${at(id)}/speakers/${encodeURIComponent(key)}`, { name }),
  mergeSpeakers: (id, key, into) => ask("POST", `${at(id)}/speakers/merge`, { key, into }),
  partSpeaker: (id, key) => ask("POST", `${at(id)}/speakers/part`, { key }),
  giveLines: (id, numbers, key) => ask("POST", `${at(id)}/speakers/give`, { numbers, key }),
  peaks: (id, width) => ask("GET", `${at(id)}/peaks${query({ width })}`),
  search: (filter, signal) => ask("GET", `search${query(filter)}`, undefined, signal),
  models: () => ask("GET", "models").then((told) => told.models),
  acceptTerms: (name, who) => ask("POST", `models/${encodeURIComponent(name)}/terms`, { who, read: true }),
  fetchModel: (name) => ask("POST", `models/${encodeURIComponent(name)}/fetch`),
  packs: () => ask("GET", "packs"),
  installPack: (name) => ask("POST", `packs/${encodeURIComponent(name)}/install`),
  system: () => ask("GET", "system"),
  connect: () => ask("GET", "connect"),
  doctor: (thorough) => ask("GET", `doctor${query({ thorough: thorough || "" })}`).then((told) => told.findings),
  planner: () => ask("GET", "planner"),
  plan: (question, replay) => ask("POST", `planner${query({ replay: replay || "" })}`, question),
  correctCard: (id, change) => ask("PATCH", `planner/cards/${encodeURIComponent(id)}`, change),
  offerMachine: (id, change) => ask("PATCH", `planner/machines/${encodeURIComponent(id)}`, change),
  takeBackMachine: (id) => ask("DELETE", `planner/machines/${encodeURIComponent(id)}`),
  restoreCard: (id) => ask("DELETE", `planner/cards/${encodeURIComponent(id)}`),
  mend: (name) => ask("POST", `doctor/mend/${encodeURIComponent(name)}`).then((told) => told.n),
  clearMemory: () => ask("POST", "memory/clear"),
  interruptMemory: () => ask("POST", "memory/interrupt"),
  loadModel: (name) => ask("POST", `models/${encodeURIComponent(name)}/load`),
  unloadModel: (name) => ask("POST", `models/${encodeURIComponent(name)}/unload`),
  chooseModel: (name, choice) => ask("PATCH", `models/${encodeURIComponent(name)}/choice`, choice),
  verifyModel: (name) => ask("POST", `models/${encodeURIComponent(name)}/verify`),
  deleteModel: (name) => ask("DELETE", `models/${encodeURIComponent(name)}`),
  measureModel: (name) => ask("POST", `models/${encodeURIComponent(name)}/calibrate`),
  stopMeasuring: (name) => ask("DELETE", `models/${encodeURIComponent(name)}/calibrate`),
  forgetLimits: (name) => ask("DELETE", `models/${encodeURIComponent(name)}/limits`),
  profiles: () => ask("GET", "profiles"),
  figures: (span) => ask("GET", `metrics${query({ span })}`),
  soundOf: (id) => `api/${at(id)}/audio`,
  exportOf: (id, format) => `api/${at(id)}/export${query({ format, lang: roomtone.language })}`,
  zipOf: (ids, format) => `api/export.zip${query({ jobs: ids.join(","), format, lang: roomtone.language })}`,
};

/** Sends one file as it lies on the disk; `told(share)` is called with 0 to 1. Returns {promise, stop}. */
export function send(file, name, told) {
  const request = new XMLHttpRequest();
  const promise = new Promise((resolve, reject) => {
    request.open("POST", `api/uploads${query({ name })}`);
    for (const [key, value] of Object.entries(HEADERS)) request.setRequestHeader(key, value);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total);
    request.onload = () => {
      if (request.status < 300 && request.response) resolve(request.response);
      else reject(new Refused(request.response?.error || {}, request.status));
    };
    request.onerror = () => reject(new Refused({ code: "unreachable" }, 0));
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    request.send(file);
  });
  return { promise, stop: () => request.abort() };
}

/** True while the server takes work: false where it is away, and where it is only starting. */
export async function isServing() {
  try { return (await (await fetch("health")).json()).status === "ok"; } catch { return false; }
}

/** The one stream of changes of this page. `follow(id, fn)` returns a function that ends it. */
class Stream {
  #followers = new Map();
  #source = null;
  #timer = null;

  follow(id, fn) {
    if (!this.#followers.has(id)) this.#followers.set(id, new Set());
    this.#followers.get(id).add(fn);
    this.#again();
    return () => {
      this.#followers.get(id)?.delete(fn);
      if (this.#followers.get(id)?.size === 0) { this.#followers.delete(id); this.#again(); }
    };
  }

  /** Asks anew, after a retry of a job whose stream had ended. */
  wake() { this.#again(); }

  #again() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), 60);
  }

  #open() {
    this.#source?.close();
    this.#source = null;
    const ids = [...this.#followers.keys()];
    if (!ids.length) return;
    const source = new EventSource(`api/events${query({ jobs: ids.slice(0, 500).join(","), lang: roomtone.language })}`);
    this.#source = source;
    source.addEventListener("job", (event) => {
      const job = JSON.parse(event.data);
      for (const fn of this.#followers.get(job.id) || []) fn(job);
    });
    source.addEventListener("done", () => source.close());
    source.onopen = () => document.documentElement.classList.remove("rt-lost");
    source.onerror = () => {
      document.documentElement.classList.add("rt-lost");
      if (source.readyState === EventSource.CLOSED) this.#timer = setTimeout(() => this.#open(), 2000);
    };
  }
}

export const stream = new Stream();
