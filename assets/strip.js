// The strip of tabs: where it is wider than the screen it scrolls, its edge says so, and the chosen tab comes into view.
let strip = null, shown = "";

function edges() {
  const tabs = [...strip.querySelectorAll(".tab-container:not(.visually-hidden) > button")];
  const here = strip.getBoundingClientRect();
  strip.classList.toggle("before", Boolean(tabs.length) && tabs[0].getBoundingClientRect().left < here.left - 2);
  strip.classList.toggle("after", Boolean(tabs.length) && tabs.at(-1).getBoundingClientRect().right > here.right + 2);
}

// Also where no finger has pressed it: a button elsewhere leads there, or the page before.
function follow() {
  const on = strip.querySelector(".tab-container:not(.visually-hidden) > button.selected");
  if (!on || on.textContent === shown) return;
  shown = on.textContent;
  const here = strip.getBoundingClientRect(), its = on.getBoundingClientRect();
  strip.scrollBy({ left: its.left - here.left - (here.width - its.width) / 2, behavior: "smooth" });
}

// Gradio draws the strip after this page has come to life, and may draw it anew.
function tend() {
  const now = document.querySelector("#rt-tabs > .tab-wrapper");
  if (!now || now === strip) return;
  strip = now;
  strip.addEventListener("scroll", edges, { passive: true });
  new MutationObserver(() => { edges(); follow(); }).observe(strip, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
  new ResizeObserver(edges).observe(strip);
  edges();
  follow();
}

new MutationObserver(tend).observe(document.documentElement, { subtree: true, childList: true });
tend();
