"""What an implementer of a spec would have to guess: rules, and questions about edge cases."""
