"""Generated kernels: a plan in, states and summaries out, on numba, Triton and torch."""
