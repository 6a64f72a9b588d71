"""Signs, zeros and satisfiability on whole ranges: boxes, isolation of roots, decision procedures."""
