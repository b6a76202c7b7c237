"""``WS /v1/realtime``: OpenAI's transcription sessions over the live sessions of the workbench."""
