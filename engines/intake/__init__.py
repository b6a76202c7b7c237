"""Reading recordings in a sandboxed child process."""
