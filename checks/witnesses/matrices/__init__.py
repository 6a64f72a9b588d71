"""Witnesses of equations between matrices of any sizes, and of gradients in a matrix."""
