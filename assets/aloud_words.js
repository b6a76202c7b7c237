// The office's pronunciation list: how names and terms are said.
import { aloudApi } from "./aloud_api.js";
import { button, fill, h } from "./dom.js";
import { say } from "./texts.js";
import { dialog, trying } from "./toast.js";

/** Opens the list; changes are kept at once. */
export async function pronunciations() {
  const words = await aloudApi.words();
  await dialog(say("aloud.words"), () => {
    const list = h("ul.rt-said-words", { "aria-label": say("aloud.words") });
    const written = h("input.rt-input", { maxLength: 60, placeholder: say("aloud.words.written"), "aria-label": say("aloud.words.written"), id: "rt-said-written" });
    const spoken = h("input.rt-input", { maxLength: 120, placeholder: say("aloud.words.spoken"), "aria-label": say("aloud.words.spoken"), id: "rt-said-spoken" });
    const draw = (all) => fill(list, all.length ? all.map((word) => h("li", {}, h("strong", word.written), h("span", word.spoken),
      button({ icon: "trash", title: say("aloud.words.remove", { word: word.written }), kind: "quiet", onclick: trying(async () => draw(await aloudApi.setWord(word.written, ""))) }))) : h("li.rt-hint", say("aloud.words.none")));
    const add = trying(async (event) => {
      event.preventDefault();
      if (!written.value.trim() || !spoken.value.trim()) return;
      draw(await aloudApi.setWord(written.value.trim(), spoken.value.trim()));
      written.value = spoken.value = "";
      written.focus();
    });
    draw(words);
    return h("div.rt-said", {}, h("p.rt-hint", say("aloud.words.hint")),
      h("form.rt-said-add", { onsubmit: add }, written, spoken, h("button.rt-button.primary", { type: "submit", id: "rt-said-add" }, say("aloud.words.add"))), list);
  });
}
