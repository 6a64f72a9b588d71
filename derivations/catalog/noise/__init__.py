"""Claims about the noise of SGD as document 004 prints it."""
