"""Points of observation: what the harness sees (wire, mailbox, database, logs, session)."""
