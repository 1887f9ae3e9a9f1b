"""Points of control: what the harness does to a target (launch, accounts, clock, mail faults)."""
