"""The terminal's way of having recordings transcribed; it talks to a server or works by itself."""
