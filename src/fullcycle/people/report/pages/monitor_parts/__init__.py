"""Parts of the page about monitoring."""
