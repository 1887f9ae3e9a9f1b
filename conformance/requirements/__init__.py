"""What must hold: the spec and its features as data, joined by their ids."""
