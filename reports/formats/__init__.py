"""Formats of reports: HTML, LaTeX, terminal."""
