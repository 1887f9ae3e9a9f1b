"""Candidates that misbehave on purpose, each within bounds that spare the machine."""
