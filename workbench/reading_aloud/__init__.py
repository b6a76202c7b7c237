"""Reading aloud: what is read, how its sentences become one file, and what was heard of them."""
