"""The prediction log: every answer is on record before it leaves, and outcomes find it later."""
