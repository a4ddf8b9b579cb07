"""What Prometheus reads at /metrics. With several workers each counts in files that any of them adds up.

prometheus-client decides when it is imported where it counts, by PROMETHEUS_MULTIPROC_DIR: that is set by
`counted_together` for workers.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fullcycle.live.answers import RowAnswer, RowsRejected

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram

    from fullcycle.core.bundle.bundle import Bundle

SHARED = "PROMETHEUS_MULTIPROC_DIR"
# A model takes some 50 microseconds, a request half a millisecond: the usual buckets begin far above.
SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OTHER_COLUMN = "(unknown column)"


class Metrics:
    """Counters of one app in this process."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "fullcycle_requests", "Requests that were answered", ("path", "status"), registry=registry
        )
        self._seconds = Histogram(
            "fullcycle_request_seconds",
            "From the first byte of a request's head to the last of its answer",
            ("path",),
            buckets=SECONDS,
            registry=registry,
        )
        self._under_way = Gauge(
            "fullcycle_requests_in_progress",
            "Requests under way",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._rows = Counter(
            "fullcycle_rows", "Rows that got an answer", ("version", "route"), registry=registry
        )
        self._fallbacks = Counter(
            "fullcycle_fallbacks",
            "Rows that another one answered than the one whose turn it was",
            ("reason",),
            registry=registry,
        )
        self._refused = Gauge(
            "fullcycle_bundles_refused",
            "Bundles that may not answer: GET /health/ready and `fullcycle routes` say why",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._rejected = Counter("fullcycle_rows_rejected", "Rows that break the contract", registry=registry)
        self._unexpected = Counter(
            "fullcycle_unexpected_values",
            "Values that were answered though no training row had them",
            ("column",),
            registry=registry,
        )
        self._lost = Counter(
            "fullcycle_log_lost",
            "Rows that were answered and not logged, as log.when_full: go_on allows",
            registry=registry,
        )
        self._outcomes = Counter("fullcycle_feedback", "Outcomes that were logged", registry=registry)
        self._model = Gauge(
            "fullcycle_model_info",
            "1 for the bundle that answers",
            ("version", "target", "task"),
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._of = cache(self._find)  # finding a child by its labels costs more than counting
        self._rows_of = cache(self._rows.labels)
        self._told: Bundle | None = None
        self._columns: frozenset[str] = frozenset()

    def enters(self) -> None:
        """A request has come."""
        self._under_way.inc()

    def leaves(self, path: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._under_way.dec()
        requests, times = self._of(path, status)
        requests.inc()
        times.observe(seconds)

    def _find(self, path: str, status: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(path, status), self._seconds.labels(path)

    def answered(self, answers: Sequence[RowAnswer]) -> None:
        """Rows got these answers."""
        ways: dict[tuple[str, str, str], int] = {}
        for answer in answers:
            way = answer["version"], answer["route"], answer.get("fallback", "")
            ways[way] = ways.get(way, 0) + 1
        for (version, route, fallback), rows in ways.items():
            self._rows_of(version, route).inc(rows)
            if fallback:
                self._fallbacks.labels(fallback).inc(rows)
        for answer in answers:
            for mark in answer["unexpected"]:
                column = mark["column"]
                self._unexpected.labels(column if column in self._columns else OTHER_COLUMN).inc()

    def rejected(self, error: RowsRejected) -> None:
        """Rows were refused."""
        self._rejected.inc(len({bad.row for bad in error.errors}))

    def answers_by(self, bundle: Bundle) -> None:
        """Which bundle answers from now on; cheap where it is the one before."""
        if bundle is self._told:
            return
        if self._told is not None:
            self._model.labels(*_labels(self._told)).set(0)
        self._model.labels(*_labels(bundle)).set(1)
        self._told, self._columns = bundle, frozenset(column.name for column in bundle.contract.columns)

    def logged(self, lost: int, outcomes: int) -> None:
        """The prediction log lost rows, or took outcomes."""
        self._lost.inc(lost)
        self._outcomes.inc(outcomes)

    def refused(self, bundles: int) -> None:
        """So many bundles of the routes may not answer here."""
        self._refused.set(bundles)

    def as_text(self) -> bytes:
        """In Prometheus's format, of all workers."""
        from prometheus_client import generate_latest

        return bytes(generate_latest(_of_all_workers() if SHARED in os.environ else self._registry))


def _of_all_workers() -> CollectorRegistry:
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _labels(bundle: Bundle) -> tuple[str, str, str]:
    return bundle.version, bundle.contract.target.name, bundle.contract.task.value


@contextmanager
def counted_together() -> Iterator[None]:
    """Processes that start inside count in files of one folder, which is gone afterwards."""
    before = os.environ.get(SHARED)
    with TemporaryDirectory(prefix="fullcycle-metrics-") as folder:
        os.environ[SHARED] = folder
        try:
            yield
        finally:
            os.environ.pop(SHARED)
            if before is not None:
                os.environ[SHARED] = before


def forget_process(pid: int) -> None:
    """A worker has died: what it had under way is under way no more; what it counted stays."""
    from prometheus_client.multiprocess import mark_process_dead

    if SHARED in os.environ:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]
