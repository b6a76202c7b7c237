// Brings the page to life; Gradio builds the frame, these elements fill it.
import "./header.js";
import "./aloud.js";
import "./doctor.js";
import "./history.js";
import "./intake.js";
import "./live.js";
import "./places.js";
import "./planner.js";
import "./sound.js";
import "./strip.js";
import "./system.js";
import "./video.js";
import "./voices.js";
import "./workplace.js";
import "./write.js";
import { dressForm } from "./settings.js";
import { announce } from "./way.js";

dressForm();
announce();
document.documentElement.classList.add("rt-alive");
