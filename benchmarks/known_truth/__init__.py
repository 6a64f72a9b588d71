"""Generators of claims whose truth is certain by construction, and the table of inputs that once were misjudged."""
