"""Speed and quality beside their bars and floors: `make bench`."""
