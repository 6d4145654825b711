"""For maintainers only: the typed catalogue, and what is built from it. Copy and update never run any of this."""
