"""Networks with real weights and data: gradients, flows, SGD, and the theory of linear ones as functions."""
