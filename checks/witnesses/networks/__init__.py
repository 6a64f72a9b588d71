"""Witnesses of statements about networks: words of matrices, exact numbers, autograd."""
