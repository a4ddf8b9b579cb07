"""A presentation of the whole cycle, rendered from evidence as pages are."""
