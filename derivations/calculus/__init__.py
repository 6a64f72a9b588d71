"""Calculus on symbols: batches, modes, moment maps, paths, limits, smoothness."""
