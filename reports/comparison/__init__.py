"""Stochastic gradient descent against the models of it: ``crossproof compare``."""
