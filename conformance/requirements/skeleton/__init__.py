"""What a new feature begins with: a spec to fill in, and scenarios and an interface from a spec."""
