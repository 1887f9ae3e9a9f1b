"""Careless implementations: nothing that a requirement forbids, and yet every advisory speaks."""
