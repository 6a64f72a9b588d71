"""Numbers with their certainty: rationals, fields, balls, and values of expressions at exact points."""
