"""The magic link: asked for, mailed, spent once."""
