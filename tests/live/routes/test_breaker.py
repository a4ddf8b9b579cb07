"""A breaker opens on many failures, tries with one request, and closes when that one is answered."""

from __future__ import annotations

import pytest

from fullcycle.core.project.route_settings import BreakerSettings
from fullcycle.live.routes.breaker import Breaker


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(BreakerSettings(window_s=30, failures=3, share=0.5, open_s=10), clock)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.failed()


def test_it_opens_at_the_failure_that_is_too_many(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert breaker.state == "closed"
    fail(breaker, 1)
    assert (breaker.state, breaker.allows(), breaker.opened_times) == ("open", False, 1)


def test_failures_among_many_answers_leave_it_closed(breaker: Breaker) -> None:
    for _ in range(10):
        breaker.succeeded()
    fail(breaker, 9)
    assert breaker.allows()
    fail(breaker, 1)
    assert not breaker.allows()


def test_failures_that_lie_back_longer_than_the_window_are_forgotten(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 2)
    clock.now += 31
    fail(breaker, 2)
    assert breaker.state == "closed"


def test_half_open_one_request_tries_and_its_answer_closes_it(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 10
    assert breaker.state == "half_open"
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert (breaker.state, breaker.allows()) == ("closed", True)
    fail(breaker, 2)  # what was before is forgotten
    assert breaker.state == "closed"


def test_half_open_a_failure_opens_it_again(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 10
    assert breaker.allows()
    breaker.failed()
    assert (breaker.state, breaker.allows(), breaker.opened_times) == ("open", False, 2)
    clock.now += 10
    assert breaker.allows()
