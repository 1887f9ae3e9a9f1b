"""Generators that are not cryptographic, and whether they are recovered (NFR-1)."""
