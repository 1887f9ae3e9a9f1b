"""Mail out: one small interface, two providers."""
