"""The usual ways to test a magic-link login, measured against the same mutants as the harness."""
