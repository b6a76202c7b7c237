// Dresses Gradio's fields: the model's name beside each quality, and what does not apply is put away.
import { api } from "./api.js";
import { say } from "./texts.js";

const CHINESE = ["auto", "zh", "yue"];

function fit(values) {
  const languages = values.languages || ["auto"];
  const chinese = values.output !== "english" && languages.some((code) => CHINESE.includes(code));
  document.getElementById("rt-script")?.classList.toggle("rt-away", !chinese);
}

/** Writes the model that each quality means on this machine below its name. */
async function nameModels() {
  const models = await api.models().catch(() => []);
  for (const input of document.querySelectorAll("#rt-quality input[type=radio]")) {
    const model = models.find((one) => one.qualities?.includes(input.value)), label = input.closest("label");
    if (label && model) label.dataset.model = model.title;
  }
}

/** Waits until Gradio has built the form. */
function whenBuilt(work) {
  const built = () => document.querySelector("#rt-quality input[type=radio]") && document.getElementById("rt-languages");
  if (built()) { work(); return; }
  const watch = new MutationObserver(() => { if (built()) { watch.disconnect(); work(); } });
  watch.observe(document.body, { childList: true, subtree: true });
}

/** Gradio tells a screen reader "remove 0" for the first chosen language; this says which one goes. */
function nameTokens() {
  for (const token of document.querySelectorAll("#rt-languages .token")) {
    const cross = token.querySelector(".token-remove"), told = say("files.remove.one", { name: token.textContent.trim() });
    if (!cross || cross.getAttribute("aria-label") === told) continue;
    cross.setAttribute("aria-label", told);
    cross.title = told;
  }
}

export function dressForm() {
  addEventListener("roomtone:form", (event) => fit(event.detail));
  whenBuilt(() => { fit({ ...roomtone.form.usual, ...roomtone.form.values }); nameModels();
    nameTokens();
    new MutationObserver(nameTokens).observe(document.getElementById("rt-languages"), { childList: true, subtree: true, characterData: true, attributeFilter: ["title"] });
  });
}
