"""Where trials run: joblib's threads. Results come back in the order of the work, whatever the workers.

LightGBM and linear algebra let go of the interpreter while they compute, so threads share one copy of the
data and still use every core. Each piece of work computes on one thread: sums on two threads differ in the
last bits from sums on one, and then the number of cores would change a result (DECISIONS 27).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, cast

T = TypeVar("T")


class TrialEngine(Protocol):
    """Runs independent pieces of work; the answers come in the order of the pieces."""

    def run(self, work: Sequence[Callable[[], Any]]) -> list[Any]: ...


class ThreadEngine:
    """This process, `workers` threads at a time."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, work: Sequence[Callable[[], T]]) -> list[T]:
        """The answers in the order of the work; the first error ends it."""
        from joblib import Parallel, delayed

        with single_threaded():
            answers = Parallel(n_jobs=self.workers, backend="threading")(delayed(piece)() for piece in work)
        return cast(list[T], answers)


@contextmanager
def single_threaded() -> Iterator[None]:
    """Inside, BLAS and OpenMP compute on one thread, so that the number of cores does not change a sum."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        yield
