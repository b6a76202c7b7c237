"""Everything in the database, and nothing outside these files knows SQL."""
