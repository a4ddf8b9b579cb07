"""Work comes back in order, and each piece computes on one thread."""

from __future__ import annotations

import threading
from functools import partial

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from fullcycle.core.engines.trials import ThreadEngine, single_threaded


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_answers_come_in_the_order_of_the_work_whatever_finishes_first(workers: int) -> None:
    released = [threading.Event() for _ in range(6)]
    for event in released[2:] if workers > 1 else released:
        event.set()

    def piece(number: int) -> int:
        if number == 1:
            released[0].set()  # the first piece waits for the second, where there are two workers
        released[number if number != 1 else 2].wait(5)
        return number

    assert ThreadEngine(workers).run([partial(piece, number) for number in range(6)]) == list(range(6))


def test_a_failure_of_one_piece_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        ThreadEngine(2).run([lambda: 1, lambda: 1 // 0])


def test_linear_algebra_inside_uses_one_thread_and_gets_its_threads_back() -> None:
    np.ones((2, 2)) @ np.ones((2, 2))
    before = [pool["num_threads"] for pool in threadpool_info()]
    with single_threaded():
        assert {pool["num_threads"] for pool in threadpool_info()} <= {1}
    assert [pool["num_threads"] for pool in threadpool_info()] == before
