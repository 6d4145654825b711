"""What the service does, with no knowledge of HTTP requests or terminals."""
