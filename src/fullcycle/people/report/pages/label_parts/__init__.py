"""Parts of the page about labels."""
