"""Witnesses of statements about stochastic processes."""
