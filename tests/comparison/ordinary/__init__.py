"""An ordinary integration test or two per acceptance criterion.

Written as a good team writes them in an afternoon for a service of its own: real HTTP, a real
PostgreSQL, a mailbox in memory, time moved by SQL. Nothing here knows the mutants or the harness.
"""
