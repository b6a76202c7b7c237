// Runs before anything else of the page: chooses language and light, and keeps what the form holds.
// A plain script, not a module, because Gradio asks for the language as soon as its own module starts.
(() => {
  const kept = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* private windows may refuse */ } },
  };
  const root = document.documentElement;

  const wished = (navigator.languages || [navigator.language]).map((tag) => tag.slice(0, 2).toLowerCase());
  const saved = kept.get("roomtone.language");
  const language = saved === "en" || saved === "zh" ? saved : wished.find((tag) => tag === "en" || tag === "zh") || "en";
  const tag = language === "zh" ? "zh-CN" : "en";
  Object.defineProperty(navigator, "language", { get: () => tag, configurable: true });
  Object.defineProperty(navigator, "languages", { get: () => [tag], configurable: true });
  root.lang = tag;

  const system = matchMedia("(prefers-color-scheme: dark)");
  const theme = () => kept.get("roomtone.theme") || (system.matches ? "dark" : "light");
  const paint = () => {
    root.dataset.theme = theme();
    document.body?.classList.toggle("dark", theme() === "dark");
  };
  paint();
  system.addEventListener("change", () => setTimeout(paint));

  const NESTED = /^([a-z_]+)\.([a-z_]+)$/;
  const values = JSON.parse(kept.get("roomtone.form") || "{}");
  const form = {
    values,
    // Called by Gradio's fields with all their values after each change.
    take(names, given) {
      names.forEach((name, i) => { values[name] = given[i]; });
      kept.set("roomtone.form", JSON.stringify(values));
      dispatchEvent(new CustomEvent("roomtone:form", { detail: values }));
    },
    // Called once by Gradio when the page is there: what this browser chose last.
    recall(names) {
      const usual = form.usual;
      return names.map((name) => (name in values ? values[name] : usual[name]));
    },
    // "Automatic" and named languages exclude each other.
    languages(chosen) {
      const list = chosen || [];
      if (list.length === 0 || (list.length > 1 && list[list.length - 1] === "auto")) return ["auto"];
      return list.length > 1 ? list.filter((code) => code !== "auto") : list;
    },
    usual: {
      quality: "balanced", model: "", languages: ["auto"], output: "spoken", script: "simplified", hotwords: "", itn: false,
      word_timestamps: true, beam_size: null,
      "vad.threshold": 0.5, "vad.min_silence_duration_ms": 500, "vad.speech_pad_ms": 200,
      "speakers.on": false, "speakers.count": "auto", "speakers.n": 2, "speakers.least": 2, "speakers.most": 6,
      "clean.on": false, "clean.way": "denoise",
    },
    // Packs that this machine lacks: what needs one is not asked for.
    lacks: {},
    // How many people there are, as the interface takes it; an empty number is unknown.
    people({ count, n, least, most }) {
      const told = (value) => (value ? Math.min(30, Math.max(1, Math.round(value))) : null);
      if (count === "channels") return { channels: true };
      if (count === "exact") return told(n) ? { n_speakers: told(n) } : {};
      if (count !== "range") return {};
      const [from, to] = [told(least), told(most)];
      return from && to && from > to ? { at_least: to, at_most: from } : { at_least: from, at_most: to };
    },
    // The request as the interface takes it.
    request(from = values) {
      const all = { ...form.usual };
      for (const [name, value] of Object.entries(from)) if (value !== null && value !== undefined) all[name] = value;
      const languages = (all.languages || []).filter((code) => code !== "auto");
      const request = {
        quality: all.model ? `model:${all.model}` : all.quality, language: languages.length === 1 ? languages[0] : null,
        languages: languages.length > 1 ? languages : [], translate: all.output === "english", script: all.script,
        hotwords: (all.hotwords || "").trim().slice(0, 1000), itn: all.itn, word_timestamps: all.word_timestamps,
        beam_size: all.beam_size, vad: {}, speakers: null, clean: all["clean.on"] ? all["clean.way"] : null,
      };
      // One person a channel needs no pack.
      if (all["speakers.on"] && (!form.lacks.speakers || all["speakers.count"] === "channels")) {
        request.speakers = form.people({ count: all["speakers.count"], n: all["speakers.n"], least: all["speakers.least"], most: all["speakers.most"] });
      }
      for (const [name, value] of Object.entries(all)) {
        const nested = NESTED.exec(name);
        if (nested && nested[1] === "vad") request.vad[nested[2]] = value;
      }
      return request;
    },
  };

  window.roomtone = {
    language, kept, form, theme,
    setLanguage(next) { kept.set("roomtone.language", next); location.reload(); },
    setTheme(next) { kept.set("roomtone.theme", next); paint(); dispatchEvent(new Event("roomtone:theme")); },
    // Called right behind <gradio-app>, before Gradio's module makes it live.
    dressGradio() {
      document.querySelector("gradio-app")?.setAttribute("theme_mode", kept.get("roomtone.theme") || "system");
      paint();
      new MutationObserver(() => {
        if (document.body.classList.contains("dark") !== (theme() === "dark")) paint();
      }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
    },
  };
})();
