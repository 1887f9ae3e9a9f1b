"""Specs in the forms that people write, read into one model."""
