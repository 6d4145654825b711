"""Lets `python -m` start the command line."""

from .cli.main import main

main()
