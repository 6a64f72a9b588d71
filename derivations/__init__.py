"""What is claimed, in which domain, from which source, and how it follows. SymPy only."""
