"""Parts of the page about A/B tests."""
