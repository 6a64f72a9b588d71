"""Statements about stochastic processes, their laws and their limits."""
