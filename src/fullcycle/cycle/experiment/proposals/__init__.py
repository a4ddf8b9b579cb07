"""Features that a project might add: proposals, the few that look promising, and a test of those."""
