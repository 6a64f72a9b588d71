"""Units of work in worker processes, here or on a cluster, and the verdicts that come back."""
