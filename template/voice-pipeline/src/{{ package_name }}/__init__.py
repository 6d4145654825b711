"""A realtime voice pipeline over STT, LLM and TTS services that others run."""

__version__ = "0.1.0"
