"""What code and text a verdict rests on: sources, definitions, keys, independence; reads code, runs none."""
