"""Measurements of the reference, each as a ratio in one run on one machine."""
