"""Between a request and the bundles: who answers it, what happens when that fails, and how traffic moves."""
