"""The reader of sources, under the name that callers of collect know; `predict` and `clean` use the same one."""

from fullcycle.core.sources.source import Facts, OpenedSource, open_source

__all__ = ["Facts", "OpenedSource", "open_source"]
