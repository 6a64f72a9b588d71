"""Statements about networks, their gradients and the matrices in them."""
