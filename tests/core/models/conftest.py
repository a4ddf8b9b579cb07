"""Cleaned projects for the tests of what models share."""

from tests.cycle.experiment.conftest import make_cleaned

__all__ = ["make_cleaned"]
