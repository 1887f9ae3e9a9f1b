"""How far a report's diagnosis can be believed, measured on the mutants of the kill matrix."""
