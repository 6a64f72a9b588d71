"""Research proposal on the inductive biases of SGD: document 002, with references for the statistics that it names."""
