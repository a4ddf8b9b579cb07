"""Hypotheses: their canonical text, the record that only grows, and how each stands."""
