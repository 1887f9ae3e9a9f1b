"""Gherkin steps, one module per subject; thin: they call control and observation."""
