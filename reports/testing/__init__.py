"""Claims as items of a pytest session."""
