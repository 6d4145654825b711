"""What the repository does beside the chart: compare it, release it, try it on a cluster."""
