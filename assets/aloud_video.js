// What was read at the times of subtitles, as the sound of a video.
import { send } from "./api.js";
import { aloudApi } from "./aloud_api.js";
import { button, fill, h } from "./dom.js";
import { say } from "./texts.js";
import { complain, dialog } from "./toast.js";

/** Asks for the video, has it written, and offers it. */
export async function intoVideo(job, known) {
  let sending = null;
  await dialog(say("aloud.video.title"), () => {
    const picker = h("input", { type: "file", accept: "video/*,.mkv,.mov,.webm,.avi", hidden: true, tabIndex: -1, "aria-label": say("aloud.video.choose") });
    const state = h("div.rt-aloud-dub", { role: "status", "aria-live": "polite" });
    const ways = h("div.rt-row");
    const own = known?.has_video && button({ label: say("aloud.video.own"), kind: "primary", id: "rt-dub-own", onclick: () => make(null) });
    const other = button({ label: say("aloud.video.choose"), icon: "folder", kind: own ? "" : "primary", id: "rt-dub-choose", onclick: () => picker.click() });
    picker.onchange = () => { if (picker.files[0]) make(picker.files[0]); picker.value = ""; };
    const make = async (file) => {
      ways.hidden = true;
      const bar = h("div.rt-bar.unknown", { role: "progressbar", "aria-label": say("aloud.video.works") }), words = h("p", say(file ? "aloud.video.sends" : "aloud.video.works"));
      fill(state, words, bar);
      try {
        let upload = null;
        if (file) {
          sending = send(file, file.name, (share) => { bar.classList.toggle("unknown", share === null); bar.style.setProperty("--share", share ?? 0); });
          upload = (await sending.promise).id;
          sending = null;
        }
        words.textContent = say("aloud.video.works");
        bar.classList.add("unknown");
        await aloudApi.dub(job.id, upload);
        fill(state, h("p", say("aloud.video.done")), h("a.rt-button.primary", { href: aloudApi.videoOf(job.id), download: "", id: "rt-dub-save" }, say("aloud.video.save")));
      } catch (error) {
        fill(state);
        ways.hidden = false;
        complain(error);
      }
    };
    fill(ways, own, other, picker);
    return h("div.rt-aloud-dubbing", {}, h("p.rt-hint", say("aloud.video.hint")), ways, state);
  }, "small");
  sending?.stop();
}
