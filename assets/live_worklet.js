// Runs in the audio thread: makes packets of 100 ms at 16 kHz of whatever comes in, and measures how loud it is.
import { RATE, Resampler, int16 } from "./live_resample.js";

const PACKET = RATE / 10, MEASURED = RATE / 20;

class Listener extends AudioWorkletProcessor {
  #resampler = sampleRate === RATE ? null : new Resampler(sampleRate);
  #packet = new Int16Array(PACKET);
  #n = 0;
  #measured = 0;
  #sum = 0;
  #peak = 0;
  #resting = false;
  #ended = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      if (data === "go") { this.#resting = false; return; }
      if (!this.#resting) { this.#resampler?.end(this.#give); this.#send(); }
      if (this.#resampler) this.#resampler = new Resampler(sampleRate);
      this.#resting = true;
      this.#ended = data === "end";
      this.port.postMessage({ said: data });
    };
  }

  process([channels]) {
    const [sound] = channels;
    if (sound) {
      if (this.#resting) this.#measure(sound);
      else if (this.#resampler) this.#resampler.take(sound, this.#give);
      else for (const sample of sound) this.#give(sample);
    }
    return !this.#ended;
  }

  #measure(sound) { for (const sample of sound) this.#loud(sample, (MEASURED * sampleRate) / RATE); }

  #give = (sample) => {
    this.#loud(sample, MEASURED);
    this.#packet[this.#n] = int16(sample);
    this.#n += 1;
    if (this.#n === PACKET) this.#send();
  };

  #loud(sample, whole) {
    this.#measured += 1;
    this.#sum += sample * sample;
    this.#peak = Math.max(this.#peak, Math.abs(sample));
    if (this.#measured < whole) return;
    this.port.postMessage({ level: Math.sqrt(this.#sum / this.#measured), peak: this.#peak });
    this.#measured = 0;
    this.#sum = 0;
    this.#peak = 0;
  }

  #send() {
    if (!this.#n) return;
    const packet = this.#packet.slice(0, this.#n);
    this.#n = 0;
    this.port.postMessage({ packet: packet.buffer }, [packet.buffer]);
  }
}

registerProcessor("roomtone-listener", Listener);
