// Two pictures of one moment, one over the other, with a line that is moved between them.
import { h } from "./dom.js";
import { say } from "./texts.js";

/** How large a result is on a screen, whose pixels are square. */
export const shownSize = ({ out_width, out_height, pixel_shape: [wide, tall] = [1, 1] }) => ({ width: out_width * wide / tall, height: out_height });

/** Makes an element as wide as it can be without being taller than the window. */
export function fit(element, { width, height }) {
  element.style.aspectRatio = `${width} / ${height}`;
  element.style.maxWidth = `calc(76vh * ${width / height})`;
}

/** Returns an element that shows `before` left of a line and `after` right of it; both are addresses of pictures. */
export function compare(before, after, shown) {
  const first = h("img", { src: before, alt: say("sound.before"), draggable: false });
  const second = h("img.rt-after", { src: after, alt: say("sound.after"), draggable: false });
  const slider = h("input", { type: "range", min: 0, max: 100, step: 0.5, value: 50, "aria-label": say("video.compare") });
  const line = h("i.rt-video-line", { "aria-hidden": "true" });
  const element = h("div.rt-video-compare", {}, first, second, line, h("span.rt-video-tag.left", say("sound.before")), h("span.rt-video-tag.right", say("sound.after")), slider);
  fit(element, shown);
  const move = () => element.style.setProperty("--at", `${slider.value}%`);
  slider.oninput = move;
  move();
  return element;
}
