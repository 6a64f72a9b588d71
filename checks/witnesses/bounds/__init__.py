"""Witnesses of limits and bounds of functions that are known by a few of their properties."""
