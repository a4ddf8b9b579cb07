"""fullcycle: from a raw table to a model that works in production and keeps working."""
