"""Faulty implementations, each one small change of the reference, that the harness must catch."""
