"""The statistics behind the verdicts: pure functions of what was observed."""
