"""The spec as a state machine: what people do, what may be answered, and how to explore it.

Nothing here reaches the outside: a `Service` does.
"""
