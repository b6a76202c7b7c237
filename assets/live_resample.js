// Brings sound of any rate to 16 kHz. Pure: runs in the audio thread and in tests alike.

export const RATE = 16000;
const WIDTH_HZ = 1000, DAMPING_DB = 80;

const gcd = (a, b) => (b ? gcd(b, a % b) : a);

/** The zeroth modified Bessel function, of which a Kaiser window is made. */
function bessel(x) {
  let sum = 1, term = 1;
  for (let k = 1; k < 50; k += 1) { term *= (x / (2 * k)) ** 2; sum += term; }
  return sum;
}

/**
 * A low-pass and a change of rate in one step (windowed sinc, one set of taps for each phase).
 * What lies above 8 kHz is taken away before samples are dropped, else it would come back as noise among the speech.
 */
export class Resampler {
  constructor(from, to = RATE) {
    const shared = gcd(from, to), lower = Math.min(from, to);
    this.steps = from / shared;
    this.phases = to / shared;
    const cutoff = (lower / 2 - WIDTH_HZ / 2) / from, width = (2 * Math.PI * WIDTH_HZ) / from;
    this.half = Math.ceil((DAMPING_DB - 8) / (2.285 * width) / 2);
    this.taps = Array.from({ length: this.phases }, (_, phase) => this.#tapsOf(phase / this.phases, cutoff));
    this.held = new Float32Array(Math.max(8192, 8 * this.half));
    this.n = this.half - 1;
    this.at = this.half - 1;
    this.phase = 0;
  }

  #tapsOf(shift, cutoff) {
    const { half } = this, beta = 0.1102 * (DAMPING_DB - 8.7), made = new Float32Array(2 * half);
    for (let j = 0; j < 2 * half; j += 1) {
      const x = j - half + 1 - shift, share = x / half;
      const window = Math.abs(share) < 1 ? bessel(beta * Math.sqrt(1 - share * share)) / bessel(beta) : 0;
      made[j] = window * (x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x));
    }
    const sum = made.reduce((all, tap) => all + tap, 0);
    return made.map((tap) => tap / sum);
  }

  /** Takes samples and calls `give(sample)` for each that has become ready; blocks may be of any size. */
  take(block, give) {
    for (let from = 0; from < block.length; from += 4096) this.#some(block.subarray(from, from + 4096), give);
  }

  #some(block, give) {
    const { held, half, taps } = this;
    if (this.n + block.length > held.length) {
      const old = this.at - half + 1;
      held.copyWithin(0, old, this.n);
      this.n -= old;
      this.at -= old;
    }
    held.set(block, this.n);
    this.n += block.length;
    while (this.at + half < this.n) {
      const kernel = taps[this.phase], from = this.at - half + 1;
      let sum = 0;
      for (let j = 0; j < kernel.length; j += 1) sum += held[from + j] * kernel[j];
      give(sum);
      this.phase += this.steps;
      this.at += Math.floor(this.phase / this.phases);
      this.phase %= this.phases;
    }
  }

  /** Gives what is still inside. */
  end(give) { this.take(new Float32Array(this.half), give); }
}

/** A sample between -1 and 1 as int16. */
export const int16 = (sample) => Math.max(-32768, Math.min(32767, Math.round(sample * 32767)));
