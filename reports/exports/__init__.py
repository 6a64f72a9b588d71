"""Formulas as source code for other programs, without crossproof."""
