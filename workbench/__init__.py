"""Jobs, chunks, scheduler, history and live sessions; no model code, no screens, no HTTP."""
