"""HTTP: routes, keys, limits and problem details."""
