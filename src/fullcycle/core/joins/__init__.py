"""Columns of further tables beside the rows of the first: for training rows and for rows to be scored."""
