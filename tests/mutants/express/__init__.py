"""Faults in the Express target: what the harness catches does not depend on Python."""
