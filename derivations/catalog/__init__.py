"""The catalog of claims, one module a subject; :mod:`crossproof.derivations.catalog.whole` registers all of them."""
