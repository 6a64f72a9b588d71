"""Stochastic differential equations: Ito calculus, Fokker-Planck, ends of the state range, moments."""
