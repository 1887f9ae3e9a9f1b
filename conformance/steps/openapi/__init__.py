"""The OpenAPI document against a running target, by way of schemathesis.

As it comes, schemathesis fails targets that conform (404 instead of 405, an HTML page on broken
JSON, an extra member that is ignored). Here only what the spec and its ledger state is judged; the
rest becomes notes.
"""
