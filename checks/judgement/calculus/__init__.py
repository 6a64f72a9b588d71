"""Derivatives, integrals and sums carried out, each value with a proof that trusts no computer algebra system."""
