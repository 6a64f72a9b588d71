"""Time-stepping schemes as symbols."""
