"""Witnesses of attractivity: algebra, numerics, sampled paths and trained networks."""
