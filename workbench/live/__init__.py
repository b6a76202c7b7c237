"""Live sessions: sound comes in, utterances are cut, text goes out while somebody speaks."""
