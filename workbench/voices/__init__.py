"""Who spoke, and whose voice it is."""
