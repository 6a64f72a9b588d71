"""Witnesses to invariant sets of SGD."""
