"""How accepted jobs run: read, cut, scheduled, joined, ended."""
