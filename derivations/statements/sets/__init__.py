"""Statements about sets of parameters that training never leaves, and gradients that keep them."""
