// Sound from a microphone, from another tab or the screen, or from both, as packets of 100 ms.

/** Why there is no sound; `key` names the sentence `live.no.<key>` and what to do about it. */
export class NoSound extends Error {
  constructor(key) { super(key); this.key = key; }
}

/** True where this page may listen at all: on this machine itself or over https. */
export const mayListen = () => Boolean(window.isSecureContext && navigator.mediaDevices?.getUserMedia && window.AudioWorkletNode);
/** True where the sound of a tab or of the screen can be had. */
export const mayShare = () => Boolean(navigator.mediaDevices?.getDisplayMedia) && !/Android|iPhone|iPad/.test(navigator.userAgent);

/** Returns the microphones as {id, label}; names are told only after the person has allowed listening once. */
export async function microphones() {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) || [];
  return all.filter((one) => one.kind === "audioinput" && one.deviceId).map((one) => ({ id: one.deviceId, label: one.label }));
}

/**
 * Listens until closed. `heard` has packet(buffer), level(rms, peak), lost(which) when a source has ended by itself,
 * and muted(on) when the system gives silence instead of sound.
 */
export class Capture {
  #context = null;
  #node = null;
  #streams = [];
  #said = null;
  #closed = false;

  constructor(heard) { this.heard = heard; }

  /** Opens `source` ("mic", "screen" or "both") with the microphone `device`; raises NoSound. */
  async open({ source, device }) {
    if (!mayListen()) throw new NoSound("unsafe");
    // Both wait for the click that began this: first what shows a window of its own.
    this.#context = context(16000);
    try {
      const screen = source === "mic" ? null : await share();
      if (screen) this.#streams.push(screen);
      if (source !== "screen") this.#streams.push(await microphone(device, source === "both"));
      if (this.#closed) throw new NoSound("stopped");
      await this.#connect();
      for (const stream of this.#streams) this.#watch(stream, stream === screen ? "screen" : "mic");
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** The microphone in use, as the browser names it; empty without one. */
  get device() { return this.#streams.at(-1)?.getAudioTracks()[0]?.getSettings().deviceId || ""; }

  async #connect() {
    let sources;
    try {
      sources = this.#streams.map((stream) => this.#context.createMediaStreamSource(stream));
    } catch {
      // Some browsers cannot change the rate of a microphone by themselves; then our own filter does it.
      this.#context.close();
      this.#context = context();
      sources = this.#streams.map((stream) => this.#context.createMediaStreamSource(stream));
    }
    await this.#context.audioWorklet.addModule(new URL("screens/live_worklet.js", document.baseURI));
    this.#node = new AudioWorkletNode(this.#context, "roomtone-listener", { channelCount: 1, channelCountMode: "explicit", channelInterpretation: "speakers" });
    this.#node.port.onmessage = ({ data }) => this.#told(data);
    const silent = this.#context.createGain();
    silent.gain.value = 0;
    for (const one of sources) one.connect(this.#node);
    this.#node.connect(silent).connect(this.#context.destination);
    this.#context.onstatechange = () => this.#wake();
    await this.#wake();
  }

  // A telephone call stops the sound of a page; it goes on as soon as the system lets it.
  async #wake() {
    if (this.#closed || this.#context.state === "running" || this.#context.state === "closed") return;
    this.heard.muted?.(true);
    await this.#context.resume().catch(() => {});
    if (this.#context.state === "running") this.heard.muted?.(false);
  }

  #told(data) {
    if (data.packet) this.heard.packet?.(data.packet);
    else if (data.said) this.#said?.();
    else this.heard.level?.(data.level, data.peak);
  }

  #watch(stream, which) {
    for (const track of stream.getAudioTracks()) {
      track.addEventListener("ended", () => { if (!this.#closed) this.heard.lost?.(which); });
      track.addEventListener("mute", () => this.heard.muted?.(true));
      track.addEventListener("unmute", () => this.heard.muted?.(false));
    }
  }

  /** Rests or goes on; resolves when the last packet before the rest has been given. */
  rest(on) {
    for (const stream of this.#streams) for (const track of stream.getAudioTracks()) track.enabled = !on;
    if (!on) { this.#context?.resume().catch(() => {}); this.#node?.port.postMessage("go"); return Promise.resolve(); }
    return this.#ask("rest");
  }

  // An audio thread that has stopped cannot answer.
  #ask(word) {
    if (!this.#node) return Promise.resolve();
    this.#node.port.postMessage(word);
    return new Promise((resolve) => { this.#said = resolve; setTimeout(resolve, 300); });
  }

  /** Ends listening; resolves when the last packet has been given. */
  async close() {
    this.#closed = true;
    await this.#ask("end");
    this.#release();
  }

  #release() {
    this.#closed = true;
    for (const stream of this.#streams) stream.getTracks().forEach((track) => track.stop());
    if (this.#context && this.#context.state !== "closed") this.#context.close();
  }
}

function context(sampleRate) {
  try { return new AudioContext(sampleRate ? { sampleRate, latencyHint: "interactive" } : {}); } catch { return new AudioContext(); }
}

async function microphone(device, beside) {
  // What comes out of the loudspeakers is there already when a tab is listened to as well.
  const audio = { echoCancellation: beside, noiseSuppression: false, autoGainControl: true, channelCount: 1 };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: device ? { ...audio, deviceId: { exact: device } } : audio });
  } catch (error) {
    if (device && ["OverconstrainedError", "NotFoundError"].includes(error.name)) return microphone("", beside);
    throw new NoSound(whyNoMicrophone(error));
  }
}

function whyNoMicrophone(error) {
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return "none";
  if (error.name === "NotAllowedError") return /system/i.test(error.message) ? "system" : "refused";
  return "busy";
}

async function share() {
  if (!mayShare()) throw new NoSound("share");
  let stream;
  try {
    stream = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false }, systemAudio: "include" });
  } catch {
    throw new NoSound("unshared");
  }
  if (!stream.getAudioTracks().length) {
    stream.getTracks().forEach((track) => track.stop());
    throw new NoSound("mute");
  }
  stream.getVideoTracks().forEach((track) => track.stop());
  return new MediaStream(stream.getAudioTracks());
}
