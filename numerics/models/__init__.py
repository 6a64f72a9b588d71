"""Stochastic models of SGD as descriptions that every backend of the engine runs."""
