"""The choices, a module per subject."""
