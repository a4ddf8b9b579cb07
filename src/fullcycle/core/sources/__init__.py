"""Opening a table as people keep it: what kind of file it is, how it is written, what is wrong with it."""
