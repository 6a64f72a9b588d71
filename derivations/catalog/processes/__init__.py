"""Claims about stochastic processes: modes, stationary laws, collapse."""
