"""How time is moved for a target."""
