"""The parts of the page about data."""
