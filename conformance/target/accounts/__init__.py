"""Test accounts: made in the users table or registered, or taken from a list."""
