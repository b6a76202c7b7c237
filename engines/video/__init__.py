"""Sharper video: BasicVSR and a light way without a model, from decoded frames to encoded runs."""
