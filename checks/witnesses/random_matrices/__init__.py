"""Witnesses of limits of singular values: Stieltjes transforms, counted pairings, sampled matrices."""
