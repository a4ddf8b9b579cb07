"""Watching what is released: what came in, what was answered, and what turned out to be true."""
