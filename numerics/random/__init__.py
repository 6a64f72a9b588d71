"""Counter-based random numbers and the increments made from them; no equation is known here."""
