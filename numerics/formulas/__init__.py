"""Formulas as functions whose numbers are right: an error bound beside each value, balls where it is too large."""
