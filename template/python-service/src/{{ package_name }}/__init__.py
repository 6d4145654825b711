"""A link shortener: one service layer under an HTTP API and a command line."""

__version__ = "0.1.0"
