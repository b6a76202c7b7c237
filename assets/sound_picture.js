// Draws a sound: the waveform above, below it how much there is of low and high tones at each moment.
const COLUMNS = 600, BANDS = 64, WAVE = 56, SPECTRUM = 128;

const bytes = (packed) => Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0));

const SOFTEST = 8;

/** The loudest peak of sounds that are drawn to one scale, 1 to 255: soft recordings can be seen, too. */
export const loudest = (...all) => Math.max(SOFTEST, ...all.flatMap((told) => [...bytes(told.peaks)]));

/** Draws what the server told of a sound, and again whenever light and dark change; the peak `full` is as tall as can be. */
export function picture(canvas, told, full = 255) {
  const peaks = bytes(told.peaks), bands = bytes(told.bands);
  const draw = () => {
    if (!canvas.isConnected && canvas.width > 300) { removeEventListener("roomtone:theme", draw); return; }
    canvas.width = COLUMNS * 2;
    canvas.height = WAVE + SPECTRUM;
    const paint = canvas.getContext("2d"), ink = getComputedStyle(document.documentElement);
    paint.fillStyle = ink.getPropertyValue("--wave-heard").trim();
    peaks.forEach((peak, x) => { const tall = Math.max(1, Math.min(1, peak / full) ** 0.6 * WAVE); paint.fillRect(x * 2, (WAVE - tall) / 2, 1.4, tall); });
    const shades = new OffscreenCanvas(COLUMNS, BANDS), fine = shades.getContext("2d"), image = fine.createImageData(COLUMNS, BANDS);
    for (let x = 0; x < COLUMNS; x += 1) {
      for (let band = 0; band < BANDS; band += 1) {
        const at = ((BANDS - 1 - band) * COLUMNS + x) * 4;
        const [red, green, blue] = shade(bands[x * BANDS + band] / 255);
        image.data.set([red, green, blue, 255], at);
      }
    }
    fine.putImageData(image, 0, 0);
    paint.drawImage(shades, 0, WAVE + 4, COLUMNS * 2, SPECTRUM - 4);
  };
  draw();
  addEventListener("roomtone:theme", draw);
}

/** From nearly black over green to a warm white, as bright as the tone is strong. */
function shade(strong) {
  const stops = [[12, 20, 24], [16, 60, 66], [30, 120, 96], [150, 190, 90], [255, 244, 200]];
  const place = strong * (stops.length - 1), low = Math.min(stops.length - 2, Math.floor(place)), part = place - low;
  return stops[low].map((from, i) => Math.round(from + (stops[low + 1][i] - from) * part));
}
