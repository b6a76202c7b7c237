"""Models that write text: through llama.cpp, transformers, or an address that the administrator entered."""
