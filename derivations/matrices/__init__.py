"""Words of matrices and networks of symbolic shape, and Gaussian expectations of them."""
