"""The living documentation: the spec, its scenarios, its ledger and a run's outcomes as pages."""
