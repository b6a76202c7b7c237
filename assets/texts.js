// The sentences of the screens in the reader's language.

const answer = await fetch(`api/texts?lang=${roomtone.language}`);
const sentences = answer.ok ? (await answer.json()).texts : {};

/** Returns the sentence `key` with its {values} filled in; with `n: 1` the sentence `key.one` if there is one. */
export function say(key, values = {}) {
  const chosen = values.n === 1 && `${key}.one` in sentences ? `${key}.one` : key;
  const sentence = sentences[chosen];
  if (sentence === undefined) {
    console.warn(`no sentence for ${key}`);
    return key;
  }
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Tells whether there is such a sentence. */
export const has = (key) => key in sentences;

const locale = document.documentElement.lang;

/** Returns 4:05 or 1:02:03 for seconds. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60, s = String(whole % 60).padStart(2, "0");
  return h ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
}

/** Returns a length of time in words: "about 3 minutes". */
export function roughly(seconds) {
  if (seconds < 10) return say("time.moment");
  if (seconds < 60) return say("time.seconds", { n: Math.ceil(seconds / 10) * 10 });
  if (seconds < 3600) return say("time.minutes", { n: Math.round(seconds / 60) });
  const hours = Math.round(seconds / 360) / 10;
  return say("time.hours", { n: hours });
}

/** Returns bytes as a person reads them. */
export function size(bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes, i = 0;
  while (value >= 1000 && i < units.length - 1) { value /= 1000; i += 1; }
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: value < 10 && i > 1 ? 1 : 0 }).format(value)} ${units[i]}`;
}

/** Returns a moment (seconds since 1970) as a person reads it: the time today, else the date. */
export function moment(at) {
  const date = new Date(at * 1000), now = new Date();
  const time = { hour: "numeric", minute: "2-digit" };
  if (date.toDateString() === now.toDateString()) {
    return say("time.today", { time: new Intl.DateTimeFormat(locale, time).format(date) });
  }
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  return new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", ...year, ...time }).format(date);
}

/** Returns a language's name in the reader's language. */
export const languageName = (code) => (has(`language.${code}`) ? say(`language.${code}`) : code || "");

/** The codes of all languages that can be chosen. */
export const languageCodes = Object.keys(sentences).filter((key) => key.startsWith("language.")).map((key) => key.slice("language.".length));
