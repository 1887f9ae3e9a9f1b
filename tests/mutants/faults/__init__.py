"""The faults, a module per subject."""
