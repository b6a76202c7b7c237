"""Models: catalogue, weights, residency, engine processes, and one file for each engine."""
