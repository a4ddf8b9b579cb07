"""Where trials run: joblib's threads, or Dask. Results come back in the order of the work, always.

LightGBM and linear algebra let go of the interpreter while they compute, so threads share one copy of the
data and still use every core. Each piece of work computes on one thread: sums on two threads differ in the
last bits from sums on one, and then the number of cores would change a result (DECISIONS 27).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from fullcycle.core.project.settings import ExperimentSettings

T = TypeVar("T")


class TrialEngine(Protocol):
    """Runs independent pieces of work; the answers come in the order of the pieces."""

    shares_memory: bool  # whether what a piece leaves in an object is seen by the others

    def run(self, work: Sequence[Callable[[], Any]]) -> list[Any]: ...

    def stream(self, work: Sequence[Callable[[], Any]]) -> Iterator[Any]:
        """The same answers, each as soon as it and those before it are there."""
        ...


class ThreadEngine:
    """This process, `workers` threads at a time."""

    shares_memory = True

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, work: Sequence[Callable[[], T]]) -> list[T]:
        """The answers in the order of the work; the first error ends it."""
        return list(self.stream(work))

    def stream(self, work: Sequence[Callable[[], T]]) -> Iterator[T]:
        from joblib import Parallel, delayed

        with single_threaded():
            parallel = Parallel(n_jobs=self.workers, backend="threading", return_as="generator")
            yield from parallel(delayed(piece)() for piece in work)


class DaskEngine:
    """The workers of a Dask cluster, through joblib's backend.

    A piece is a `partial` whose first argument, the data, is sent to each worker once.
    """

    shares_memory = False

    def __init__(self, client: Any) -> None:
        self.client = client

    def run(self, work: Sequence[Callable[[], T]]) -> list[T]:
        return list(self.stream(work))

    def stream(self, work: Sequence[Callable[[], T]]) -> Iterator[T]:
        from joblib import Parallel, delayed, parallel_config

        with parallel_config("dask", client=self.client, wait_for_workers_timeout=60):
            yield from Parallel(return_as="generator")(delayed(alone)(*_parts(piece)) for piece in work)


def alone(function: Callable[..., T], *arguments: Any) -> T:
    """A piece of work on one thread of whatever process it came to."""
    with single_threaded():
        return function(*arguments)


def _parts(piece: Callable[[], Any]) -> tuple[Any, ...]:
    return (piece.func, *piece.args) if isinstance(piece, partial) else (piece,)


@contextmanager
def open_engine(settings: ExperimentSettings) -> Iterator[TrialEngine]:
    """Where the settings say that trials run."""
    if settings.engine == "local":
        yield ThreadEngine(settings.workers)
        return
    with _dask_client(settings) as client:
        yield DaskEngine(client)


@contextmanager
def _dask_client(settings: ExperimentSettings) -> Iterator[Any]:
    """A client of the cluster that was named, or of one that lives as long as the search."""
    from fullcycle.core.errors import UserError
    from fullcycle.core.sources.extras import import_extra

    distributed = import_extra("distributed", "dask", "fullcycle.yaml, key experiment.engine: dask")
    if settings.dask_address is None:
        cluster = distributed.LocalCluster(
            n_workers=settings.workers, threads_per_worker=1, dashboard_address=None
        )
        with cluster, distributed.Client(cluster) as client:
            yield client
        return
    try:
        client = distributed.Client(settings.dask_address, timeout="20s")
    except (OSError, ValueError) as error:
        raise UserError(
            where="fullcycle.yaml, key experiment.dask_address",
            found=f"{settings.dask_address}, which does not answer ({error})",
            expected="the scheduler of a Dask cluster, such as tcp://10.0.0.5:8786",
            hint="start one with `dask scheduler` and `dask worker`, or take the key out for a cluster of "
            "this machine's own",
        ) from error
    with client:
        yield client


@contextmanager
def single_threaded() -> Iterator[None]:
    """Inside, BLAS and OpenMP compute on one thread, so that the number of cores does not change a sum."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        yield
