"""How a claim follows, step by step, for a reader: one module a subject, nothing of it decides anything."""
