"""The API over a bundle: one row or a list in, the same number of answers out, in the same order."""

from fullcycle.live.serve.app import create_app
from fullcycle.live.serve.server import serve

__all__ = ["create_app", "serve"]
