"""The collector of cyclic garbage looks at what tests make, not at the libraries again and again."""

from __future__ import annotations

import gc

import pytest

from fullcycle.cli.main import CONTAINERS_BETWEEN_COLLECTIONS


def pytest_collection_finish(session: pytest.Session) -> None:
    """Objects of libraries live as long as the worker does (docs/decisions/suite.md)."""
    gc.set_threshold(CONTAINERS_BETWEEN_COLLECTIONS)
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let go of them again, or DuckDB tells of leaks when Python ends."""
    gc.unfreeze()
