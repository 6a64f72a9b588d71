"""What a claim about a process or a law means, asked before anything is compared."""
