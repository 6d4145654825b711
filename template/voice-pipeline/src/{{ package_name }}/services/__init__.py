"""The services that the pipeline talks to: what it expects of them, and the adapters."""
