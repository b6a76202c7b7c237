"""What is written from a transcript or a text: cut into parts, asked for, checked, and led back to what was said."""
