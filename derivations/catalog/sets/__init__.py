"""Claims about invariant sets."""
