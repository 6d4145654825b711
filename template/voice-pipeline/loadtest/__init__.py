"""A load test of the pipeline: callers who speak in tones and check every reply."""
