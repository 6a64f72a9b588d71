"""Claims about networks, gradient noise and batches."""
