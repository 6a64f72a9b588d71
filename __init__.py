"""Symbolic-numeric verification of published derivations.

>>> import crossproof as cp
>>> verdict = cp.verify("004.gbm.log")   # doctest: +SKIP
"""
