"""The parts of the analysis page."""
