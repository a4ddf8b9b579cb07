"""Rows that nearly repeat another one: `keys` and `pairs` find who may, `cells` and `chance` judge."""
