"""Engines that speak, and what they share: voices, how a text is said, how a sentence is levelled."""
