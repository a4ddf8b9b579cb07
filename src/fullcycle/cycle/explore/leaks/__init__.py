"""Columns, pairs of columns and orders of rows that tell the target better than honest ones could."""

from fullcycle.cycle.explore.leaks.suspects import leak_suspects

__all__ = ["leak_suspects"]
