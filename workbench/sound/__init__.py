"""Cleaning up sound, from its choices to the file that is given back."""
