"""Statements about whole classes: of functions near a point, of supermartingales, of random vectors and matrices."""
