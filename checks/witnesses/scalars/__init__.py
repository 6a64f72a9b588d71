"""Witnesses of identities, inequalities, extrema and expansions of scalars."""
