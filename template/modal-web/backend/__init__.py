"""The HTTP API, the tasks behind it, and the executors that paint the pictures."""

__version__ = "0.1.0"
