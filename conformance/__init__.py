"""Tells whether a magic-link login is right: runs the features against a target."""
