"""Deterministic solvers for diffusions: stationary laws, Fokker-Planck, passage times, spectra."""
