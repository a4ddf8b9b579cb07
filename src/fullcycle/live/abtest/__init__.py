"""A/B tests: designed and fixed before results, analysed on aggregates that the engine makes."""
