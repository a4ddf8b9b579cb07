"""Whether a running service answers as its bundle must: golden rows, and rows that break the contract.

Every request has an id that begins with `smoke-`, so that its rows can be told from customers' in the log.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import numpy as np

from fullcycle.core.bundle.bundle import Answers, Bundle
from fullcycle.core.bundle.proof import answer_difference
from fullcycle.core.contract.model import ColumnType
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.automation import SmokeFacts, SmokeProblem

KEY = "FULLCYCLE_KEY"  # the variable that holds a key, if the service asks for one
TIMEOUT_S = 10
READY_S = 60.0  # a server that follows a release opens and proves it first
PAUSE_S = 0.2
REFUSED = 422
SHOWN = 5  # problems of a kind that are told
NOT_OF_TYPE = {
    ColumnType.numeric: "smoke test, no number",
    ColumnType.boolean: "smoke test, neither true nor false",
    ColumnType.datetime: "smoke test, no moment",
}


@dataclass(frozen=True)
class Told:
    """A status, and what stood in the body as JSON."""

    status: int
    content: Any


class Client:
    """A service by its address; UserError where nothing answers there."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._name = f"smoke-{secrets.token_hex(4)}"
        self._number = 0

    def ask(self, path: str, body: Any = None) -> Told:
        """One request; an error status is an answer like any other."""
        self._number += 1
        headers = {"content-type": "application/json", "x-request-id": f"{self._name}-{self._number}"}
        if os.environ.get(KEY):
            headers["authorization"] = f"Bearer {os.environ[KEY]}"
        content = None if body is None else json.dumps(body).encode()
        try:
            with urlopen(Request(self.url + path, content, headers), timeout=TIMEOUT_S) as answer:
                return Told(answer.status, json.load(answer))
        except HTTPError as error:
            return Told(error.code, _json(error.read()))
        except (URLError, OSError, ValueError) as error:
            raise UserError(
                where=self.url + path,
                found=f"no answer ({getattr(error, 'reason', error)})",
                expected="a running service",
                hint="`fullcycle serve` starts one; targets in fullcycle.yaml name addresses",
            ) from error


def smoke(url: str, bundle: Bundle, target: str, *, patience_s: float = READY_S) -> SmokeFacts:
    """Ask everything; `patience_s` is how long the service may take until it answers with this bundle."""
    client = Client(url)
    late = _until_ready(client, bundle, patience_s)
    if late is not None:
        return _facts(target, bundle, 0, (late,), {})
    wrong, speed = _golden(client, bundle)
    broken = list(_broken_rows(bundle))
    problems = [*wrong, *_kept_out(client, broken)]
    return _facts(target, bundle, len(broken), _shortened(problems), speed)


def _facts(
    target: str, bundle: Bundle, broken: int, problems: tuple[SmokeProblem, ...], speed: dict[str, float]
) -> SmokeFacts:
    return SmokeFacts(
        target=target,
        bundle=bundle.version,
        golden_rows=len(bundle.golden.rows),
        broken_rows=broken,
        problems=problems,
        speed=speed,
    )


def _until_ready(client: Client, bundle: Bundle, patience_s: float) -> SmokeProblem | None:
    """None as soon as the bundle answers; what stood in the way where it never did."""
    deadline = time.monotonic() + patience_s
    while True:
        late = _not_yet(client, bundle)
        if late is None or time.monotonic() > deadline:
            return late
        time.sleep(PAUSE_S)


def _not_yet(client: Client, bundle: Bundle) -> SmokeProblem | None:
    try:
        ready = client.ask("/health/ready")
        model = client.ask("/model") if ready.status == 200 else None
    except UserError as error:
        return SmokeProblem(kind="not_ready", found=error.found)
    if model is None or model.status != 200:
        return SmokeProblem(kind="not_ready", found=str((model or ready).status))
    version = str(model.content.get("version"))
    if version != bundle.version:
        return SmokeProblem(kind="other_version", found=version)
    return None


def _golden(client: Client, bundle: Bundle) -> tuple[list[SmokeProblem], dict[str, float]]:
    """Each golden row alone, as most clients ask, and what that takes."""
    problems: list[SmokeProblem] = []
    took: list[float] = []
    for golden in bundle.golden.rows:
        started = time.perf_counter()
        told = client.ask("/predict", golden.row)
        took.append((time.perf_counter() - started) * 1000)
        if told.status != 200:
            problems.append(SmokeProblem(kind="golden", about=golden.kind, found=str(told.status)))
            continue
        if told.content.get("version") != bundle.version or told.content.get("fallback"):
            found = str(told.content.get("fallback") or told.content.get("version"))
            problems.append(SmokeProblem(kind="other_version", about=golden.kind, found=found))
            continue
        difference = answer_difference(bundle, golden, _answers(bundle, told.content), 0)
        if difference:
            problems.append(SmokeProblem(kind="golden", about=golden.kind, found=difference))
    p50, p99 = np.percentile(took, [50, 99])
    return problems, {"p50_ms": round(float(p50), 3), "p99_ms": round(float(p99), 3)}


def _answers(bundle: Bundle, answer: Mapping[str, Any]) -> Answers:
    chances = answer.get("probabilities")
    bounds = [answer[name] for name in ("prediction_low", "prediction_high") if name in answer]
    return Answers(
        np.asarray([answer["prediction"]]),
        None if chances is None else np.asarray([[chances[name] for name in bundle.classes or ()]]),
        np.asarray([bounds]) if bounds else None,
    )


def _broken_rows(bundle: Bundle) -> Iterator[tuple[str, dict[str, Any]]]:
    """A golden row without each required column, and with a text where its type has none."""
    whole = dict(bundle.golden.rows[0].row)
    for column in bundle.contract.features:
        if column.required:
            yield column.name, {name: value for name, value in whole.items() if name != column.name}
        if column.type in NOT_OF_TYPE:
            yield column.name, {**whole, column.name: NOT_OF_TYPE[column.type]}


def _kept_out(client: Client, rows: list[tuple[str, dict[str, Any]]]) -> Iterator[SmokeProblem]:
    """Rows that the service answers all the same, or refuses without naming the column."""
    for column, row in rows:
        told = client.ask("/predict", row)
        if told.status == 200:
            yield SmokeProblem(kind="accepted", about=column, found=str(told.content.get("prediction")))
        elif told.status != REFUSED or column not in json.dumps(told.content, ensure_ascii=False):
            yield SmokeProblem(kind="rejected_otherwise", about=column, found=str(told.status))


def _shortened(problems: list[SmokeProblem]) -> tuple[SmokeProblem, ...]:
    """The first of each kind: a service of another model answers everything wrongly."""
    seen: Counter[str] = Counter()
    kept = []
    for problem in problems:
        seen[problem.kind] += 1
        if seen[problem.kind] <= SHOWN:
            kept.append(problem)
    return tuple(kept)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")
