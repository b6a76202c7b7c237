"""Nouns of sound, words and pictures; numpy, PyAV and document formats only."""
