"""Implementations that choose otherwise where the ledger of readings allows it: all must pass."""
