"""Notes on stochastic differential equations of SGD: document 001."""
