"""Looks at the machine and the program, says what is wrong in plain words, and puts right what it can.

The standard library is enough for everything here, so that it works before set-up is whole.
"""
