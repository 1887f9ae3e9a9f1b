"""Password login, the session, and who is logged in."""
