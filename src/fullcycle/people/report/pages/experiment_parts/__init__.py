"""Sections of the page about the search."""
