"""Witnesses of statements about mode amplitudes."""
