"""The target's mail: sinks that are its provider, and mailboxes that are already there."""
