// <rt-figures>: how the machine and its work go, live and over the last hour, day, week or month.
import { api } from "./api.js";
import { chart, roundUp, roundUpTime } from "./charts.js";
import { fill, h } from "./dom.js";
import { has, say, size } from "./texts.js";
import { complain } from "./toast.js";

const STATUSES = { succeeded: 0, failed: "bad", cancelled: "soft" };
const MIB = 2 ** 20, SPANS = ["hour", "day", "week", "month"];
const locale = document.documentElement.lang;
const number = (value, digits = 1) => new Intl.NumberFormat(locale, { maximumFractionDigits: value < 10 ? digits : 0 }).format(value);
const percent = (share) => `${Math.round(share * 100)}${roomtone.language === "zh" ? "" : " "}%`;
const length = (seconds) => seconds < 100 ? say("fig.seconds", { n: number(seconds) }) : seconds < 6000 ? say("fig.minutes", { n: number(seconds / 60) }) : say("fig.hours", { n: number(seconds / 3600) });
const day = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric" }), clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false });

class Figures extends HTMLElement {
  #made = false;
  #timer = null;
  #span = "day";
  #titles = {};

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    this.spans = h("div.rt-place-row", { role: "group", "aria-label": say("fig.spans") });
    this.live = h("div.rt-live-figures");
    this.charts = h("div.rt-charts");
    this.append(h("div.rt-row.rt-figures-head", {}, this.spans, h("p.rt-hint", say("fig.about"))), this.live, this.charts);
    this.#choose(this.#span);
    new IntersectionObserver((seen) => { clearTimeout(this.#timer); if (seen.at(-1).isIntersecting) this.#look(); }).observe(this);
  }

  #choose(span) {
    this.#span = span;
    fill(this.spans, SPANS.map((name) => h("button.rt-place", { type: "button", "aria-pressed": String(name === span), "aria-selected": String(name === span), id: `rt-span-${name}`, onclick: () => { this.#choose(name); this.#look(); document.getElementById(`rt-span-${name}`)?.focus(); } }, say(`fig.span.${name}`))));
  }

  // Looks again while it is seen; a chart that somebody reads stays as it is.
  async #look() {
    clearTimeout(this.#timer);
    try {
      const span = this.#span;
      if (!Object.keys(this.#titles).length) this.#titles = Object.fromEntries((await api.models()).map((model) => [model.name, model.title]));
      const told = await api.figures(span);
      if (span === this.#span) {
        this.#now(told.live);
        const reading = this.charts.querySelector("details[open]") || this.charts.contains(document.activeElement) || this.charts.querySelector(".rt-chart-tip:not([hidden])");
        if (!reading || this.charts.dataset.span !== span) this.#draw(told);
      }
    } catch (error) { complain(error); }
    clearTimeout(this.#timer);
    if (this.offsetParent) this.#timer = setTimeout(() => this.#look(), 5000);
  }

  #now(live) {
    const tile = (label, value, share) => {
      const bar = share !== undefined && h("div.rt-bar", { role: "meter", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(share * 100) });
      if (bar) bar.style.setProperty("--share", share);
      return h("div.rt-tile", {}, h("span", label), h("strong", value), bar);
    };
    const jobs = Object.values(live.queue).reduce((total, n) => total + n, 0);
    fill(this.live, tile(say("fig.cpu"), percent(live.cpu), live.cpu),
      tile(say("fig.ram"), `${size(live.ram_used_mib * MIB)} / ${size(live.ram_mib * MIB)}`, live.ram_used_mib / live.ram_mib),
      live.gpus.map((gpu) => [gpu.use !== null && tile(gpu.name, percent(gpu.use), gpu.use), tile(say("fig.gpu_memory", { n: gpu.index }), `${size(gpu.used_mib * MIB)} / ${size(gpu.total_mib * MIB)}`, gpu.used_mib / gpu.total_mib)]),
      tile(say("fig.queue"), number(jobs)));
  }

  #draw(told) {
    const { times, step_s: step, lines, sums } = told;
    const when = (time) => (this.#span === "hour" ? clock.format(time * 1000) : `${day.format(time * 1000)} ${clock.format(time * 1000)}`);
    const short = (time) => (step >= 3600 ? day.format(time * 1000) : clock.format(time * 1000));
    const of = (name, label = (key) => key) => Object.entries(lines[name] || {}).map(([key, values]) => ({ label: label(key), values }));
    const draw = (name, rows, more) => chart({ title: say(`fig.${name}`), times, lines: rows, when, short, ...more });
    const total = (name) => Object.values(sums[name] || {}).reduce((all, one) => all + one.total, 0);
    const title = (name) => this.#titles[name] || name, bytes = (rows) => rows.map((row) => ({ ...row, values: row.values.map((mib) => (mib === null ? null : mib * MIB)) }));
    const use = [...of("cpu", () => say("fig.cpu")), ...of("gpu", (n) => say("fig.gpu", { n }))];
    const held = [...of("ram", () => say("fig.ram")), ...of("gpu_memory", (n) => say("fig.gpu_memory", { n }))];
    const jobs = total("jobs"), sound = total("sound_s");
    this.charts.dataset.span = this.#span;
    fill(this.charts,
      draw("use", use, { told: percent, most: 1 }), draw("memory", bytes(held), { told: size }), draw("models", bytes(of("model_memory", title)), { told: size }),
      draw("queue", of("queue", (lane) => say(`fig.lane.${lane}`)), { told: number, round: (peak) => Math.max(1, roundUp(peak)) }),
      draw("jobs", Object.entries(STATUSES).filter(([status]) => lines.jobs?.[status]).map(([status, hue]) => ({ label: say(`fig.status.${status}`), values: lines.jobs[status], hue })), { kind: "columns", told: (n) => number(n), sum: jobs ? say("fig.jobs.n", { n: number(jobs) }) : "" }),
      draw("audio", of("audio_s", () => ""), { kind: "columns", told: length, round: roundUpTime, sum: total("audio_s") ? length(total("audio_s")) : "" }),
      draw("rtf", this.#factors(lines, title), { told: length, round: roundUpTime, sum: sound ? length(total("compute_s") / sound * 3600) : "" }),
      draw("wait", of("wait_s", (lane) => say(`fig.lane.${lane}`)), { told: length, round: roundUpTime }),
      this.#errors(sums.errors || {}));
  }

  // Seconds of computing for an hour of sound, by model.
  #factors(lines, title) {
    return Object.entries(lines.compute_s || {}).map(([name, spent]) => {
      const heard = (lines.sound_s || {})[name] || [];
      return { label: title(name), values: spent.map((seconds, at) => (heard[at] > 0 ? seconds / heard[at] * 3600 : null)) };
    });
  }

  #errors(errors) {
    const rows = Object.entries(errors).sort((a, b) => b[1].total - a[1].total);
    // Many jobs share one kind: what a sentence says of a single job is left out.
    const told = (code) => { const key = `error.${code}`, plain = has(key) ? say(key) : code; return plain.includes("{") ? plain.replace(/\s*[“"(（]?\{\w+\}[”")）]?/g, "") : plain; };
    return h("figure.rt-chart", {}, h("figcaption", {}, h("h3", say("fig.errors"))),
      rows.length ? h("ul.rt-plain", {}, rows.map(([code, one]) => h("li", {}, h("span", told(code)), h("strong", number(one.total))))) : h("p.rt-hint", say("fig.errors.none")));
  }
}

customElements.define("rt-figures", Figures);
