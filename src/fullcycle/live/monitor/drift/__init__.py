"""Whether columns changed: distances, tests, natural variation, and a verdict for each column."""
