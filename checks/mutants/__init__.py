"""Wrong variants of claims."""
