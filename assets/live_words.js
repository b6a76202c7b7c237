// What a live session is doing, in words. Pure: the same state always says the same.
import { clock, say } from "./texts.js";

const BEHIND_S = 8, WAITING_S = 3;

/** A length of sound in words: "12 seconds", "3:05 minutes". */
export const lasting = (seconds) => (seconds < 90 ? say("live.seconds", { n: Math.max(1, Math.round(seconds)) }) : say("live.minutes", { time: clock(seconds) }));

/**
 * Returns {kind, text, hint}: kind is "good", "rest", "wait" or "bad".
 * `now` has phase, net, waiting_s, ending, silent, muted, lost, lasting, and the server's last state as `server`.
 */
export function stateOf(now) {
  return [connection, ending, microphone, coming].map((look) => look(now)).find(Boolean);
}

function connection({ phase, net, waiting_s, ending: isEnding, lasting: keeps }) {
  const time = lasting(waiting_s);
  if (net === "lost" && isEnding) return { kind: "bad", text: say("live.state.lost.ending", { time }), hint: say("live.state.lost.ending.hint") };
  if (net === "lost") return { kind: "bad", text: waiting_s >= 0.5 ? say("live.state.lost", { time }) : say("live.state.lost.nothing"), hint: say(phase === "kept" ? "live.state.lost.ending.hint" : keeps ? "live.state.lost.hint" : "live.state.lost.open") };
  if (net === "connecting") return { kind: "wait", text: say("live.state.connecting"), hint: "" };
  if (waiting_s >= WAITING_S) return { kind: "wait", text: say("live.state.sending", { time }), hint: "" };
  return null;
}

const ending = ({ ending: isEnding }) => (isEnding ? { kind: "wait", text: say("live.state.ending"), hint: "" } : null);

function microphone({ phase, lost, muted, silent }) {
  if (lost) return { kind: "bad", text: say(`live.state.gone.${lost}`), hint: say("live.state.gone.hint") };
  if (phase === "paused") return { kind: "rest", text: say("live.state.paused"), hint: "" };
  if (phase === "kept") return { kind: "rest", text: say("live.state.kept"), hint: "" };
  if (muted) return { kind: "bad", text: say("live.state.muted"), hint: say("live.state.muted.hint") };
  if (silent) return { kind: "bad", text: say("live.state.silent"), hint: say("live.state.silent.hint") };
  return null;
}

function coming({ server }) {
  if (server?.waiting) return { kind: "wait", text: say(`live.state.${server.waiting}`), hint: say("live.state.model.hint") };
  const n = Math.round(server?.behind_s || 0), behind = n >= BEHIND_S && say("live.state.behind", { n });
  if (server?.partials === "off") return { kind: "wait", text: behind || say("live.state.off"), hint: behind ? say("live.state.off") : "" };
  if (behind) return { kind: "wait", text: behind, hint: "" };
  const hint = server?.partials === "thin" ? say("live.state.thin") : "";
  return { kind: "good", text: say(server?.speaking ? "live.state.speaking" : "live.state.listening"), hint };
}
