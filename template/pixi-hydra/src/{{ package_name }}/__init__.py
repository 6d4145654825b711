"""Profiles prefill and decode of a decoder, on the CPU and on CUDA, with configuration by Hydra."""

__version__ = "0.1.0"
