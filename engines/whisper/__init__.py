"""Whisper: from sound to segments with words."""
