"""Forms in which the best candidates could be deployed: built, measured as graphs, chosen under a budget."""
