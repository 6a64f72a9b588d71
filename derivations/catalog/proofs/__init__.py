"""Claims that are steps of proofs, and limits of random matrices."""
