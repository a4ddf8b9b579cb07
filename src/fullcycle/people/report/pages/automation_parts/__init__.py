"""Parts of the page about automation."""
