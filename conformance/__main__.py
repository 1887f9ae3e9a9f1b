"""`python -m conformance`, the same as the command `magic-link-conformance`."""

from conformance.cli.main import main

main()
