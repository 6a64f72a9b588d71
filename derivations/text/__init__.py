"""Claims written as text: reading, parsing, and trying a reading under limits."""
