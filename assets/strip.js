// The strip of tabs: where it is wider than the screen it scrolls, its edge says so, and the chosen tab comes into view.
const strip = document.querySelector("#rt-tabs > .tab-wrapper");

function edges() {
  const tabs = [...strip.querySelectorAll(".tab-container:not(.visually-hidden) > button")];
  const here = strip.getBoundingClientRect();
  strip.classList.toggle("before", Boolean(tabs.length) && tabs[0].getBoundingClientRect().left < here.left - 2);
  strip.classList.toggle("after", Boolean(tabs.length) && tabs.at(-1).getBoundingClientRect().right > here.right + 2);
}

if (strip) {
  strip.addEventListener("scroll", edges, { passive: true });
  strip.addEventListener("click", (event) => event.target.closest("button")?.scrollIntoView({ block: "nearest", inline: "center", behavior: "smooth" }));
  new ResizeObserver(edges).observe(strip);
  edges();
}
