"""The magic link.

A token is made in `tokens`, mailed by `service`, stored and spent in `repository`, and refused in
`service`, which says why; `endpoints` exchanges it for a session.
"""
