"""The machine and its models: memory, weights, packs, speeds, figures."""
