"""The databases that the harness makes, and what it writes into them."""
