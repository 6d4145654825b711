"""Lets `python -m` start the command line."""

from .cli import main

main()
