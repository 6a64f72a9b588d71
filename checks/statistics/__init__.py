"""Samples in, intervals out: anytime-valid comparisons; no claim is known here."""
