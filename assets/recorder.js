// Records the microphone into a file, which then goes the way of every other file.
import { button, fill, h } from "./dom.js";
import { clock, say } from "./texts.js";
import { dialog } from "./toast.js";

const KINDS = [["audio/webm;codecs=opus", "webm"], ["audio/mp4", "m4a"], ["audio/ogg;codecs=opus", "ogg"]];

/** True where this page may use a microphone: on this machine itself or over https. */
export const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);

function nameNow(ending) {
  const now = new Date(), two = (n) => String(n).padStart(2, "0");
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${say("record.name")} ${day} ${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}.${ending}`;
}

/** Opens the recorder; resolves with a File, or undefined when nothing was kept. */
export async function record() {
  let sound;
  try {
    sound = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false } });
  } catch (error) {
    const key = error.name === "NotFoundError" ? "record.none" : "record.refused";
    await dialog(say("record.title"), () => [h("p", say(key)), h("p.rt-hint", say(`${key}.hint`))], "small");
    return undefined;
  }
  const [mimeType, ending] = KINDS.find(([kind]) => MediaRecorder.isTypeSupported(kind)) || ["", "webm"];
  const recorder = new MediaRecorder(sound, mimeType ? { mimeType, audioBitsPerSecond: 64000 } : {});
  const parts = [];
  recorder.ondataavailable = (event) => event.data.size && parts.push(event.data);
  const ended = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start(1000);
  const warn = (event) => event.preventDefault();
  addEventListener("beforeunload", warn);
  const meter = new Meter(sound);
  const kept = await dialog(say("record.title"), (close) => [
    meter.canvas, meter.time,
    h("p.rt-hint", say("record.hint")),
    h("footer", {},
      button({ label: say("record.discard"), onclick: () => close(false) }),
      button({ label: say("record.stop"), icon: "stop", kind: "primary", id: "rt-record-stop", onclick: () => close(true) })),
  ], "small");
  removeEventListener("beforeunload", warn);
  meter.stop();
  // A microphone that was pulled out has stopped by itself.
  if (recorder.state !== "inactive") recorder.stop();
  await ended;
  sound.getTracks().forEach((track) => track.stop());
  // Escape or a click beside the dialog is no wish to throw speech away: only "discard" is.
  if (kept === false || !parts.length) return undefined;
  return new File(parts, nameNow(ending), { type: recorder.mimeType });
}

/** Shows that the microphone hears something, and for how long. */
class Meter {
  constructor(sound) {
    this.canvas = h("canvas.rt-meter", { width: 480, height: 72, "aria-hidden": "true" });
    this.time = h("p.rt-meter-time", { role: "timer" }, "0:00");
    this.context = new AudioContext();
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 1024;
    this.context.createMediaStreamSource(sound).connect(analyser);
    const samples = new Float32Array(analyser.fftSize), levels = [], began = performance.now();
    this.timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      levels.push(Math.min(1, 3 * Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length)));
      if (levels.length > 96) levels.shift();
      this.#draw(levels);
      fill(this.time, clock((performance.now() - began) / 1000));
    }, 60);
  }

  #draw(levels) {
    const { canvas } = this, pen = canvas.getContext("2d");
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = getComputedStyle(canvas).color;
    levels.forEach((level, i) => {
      const tall = Math.max(3, level * canvas.height);
      pen.beginPath();
      pen.roundRect(i * 5, (canvas.height - tall) / 2, 3, tall, 2);
      pen.fill();
    });
  }

  stop() {
    clearInterval(this.timer);
    this.context.close();
  }
}
