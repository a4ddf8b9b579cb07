"""Hypotheses: both arms on the same folds, a test that knows they depend, and a verdict."""
