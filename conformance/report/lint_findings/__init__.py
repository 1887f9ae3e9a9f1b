"""What lint found, in the forms that people and tools read."""
