"""Claims of the review of inductive biases of SGD, document 000, one module a subject."""
