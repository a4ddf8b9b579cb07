"""Which bundle answers: `deploy/routes.json`, the one file that releases write and servers follow."""
