"""CI/CD: one typed list of jobs and steps, and a renderer for each provider that says the same."""
