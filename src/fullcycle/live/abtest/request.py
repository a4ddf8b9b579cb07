"""A test from words of a command line, where no design was written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from fullcycle.core.errors import UserError
from fullcycle.core.project.abtest_settings import AbTest


@dataclass(frozen=True)
class Words:
    """What was typed. `effect` is a number, or a percentage of the control's value; it belongs to the first
    metric, as `base`, `sd` and `covariate` do. Guards are KIND:COLUMN:LIMIT."""

    conversions: Sequence[str] = ()
    means: Sequence[str] = ()
    ratios: Sequence[str] = ()
    guards: Sequence[str] = ()
    effect: str | None = None
    base: float | None = None
    sd: float | None = None
    covariate: str | None = None
    lower_is_better: bool = False
    shares: str | None = None
    others: Mapping[str, Any] = field(default_factory=dict)  # further keys of AbTest

    @property
    def said(self) -> bool:
        """Whether anything was."""
        others = any(value is not None for value in self.others.values())
        return others or self != Words(others=self.others)


def read_words(words: Words, shares: Mapping[str, float] | None = None) -> AbTest:
    """The test, or a UserError that says which option is wrong."""
    metrics = _metrics(words)
    if not metrics:
        raise UserError(
            where="fullcycle abtest",
            found="no metric",
            expected="--conversion COLUMN, --mean COLUMN or --ratio COLUMN/COLUMN, or the name of a test",
            hint="a test can be written down below `abtests:` in fullcycle.yaml",
        )
    first = next(iter(metrics.values()))
    first |= {"base": words.base, "sd": words.sd, "covariate": words.covariate}
    first |= {"lower_is_better": words.lower_is_better, **(_effect(words.effect) if words.effect else {})}
    given: dict[str, Any] = {key: value for key, value in words.others.items() if value is not None}
    given |= {"metrics": metrics, "guards": dict(map(_guard, words.guards))}
    if words.shares is not None or shares is not None:
        given["shares"] = dict(shares) if words.shares is None and shares else _shares(words.shares or "")
    try:
        return AbTest.model_validate(given)
    except ValidationError as error:
        first_error = error.errors()[0]
        raise UserError(
            where="fullcycle abtest, " + " ".join(map(str, first_error["loc"])),
            found=first_error["msg"].removeprefix("Value error, "),
            hint="`fullcycle abtest --help` lists the options",
        ) from error


def _metrics(words: Words) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {name: {"kind": "conversion"} for name in words.conversions}
    found |= {name: {"kind": "mean"} for name in words.means}
    for text in words.ratios:
        value, slash, per = text.partition("/")
        if not (slash and value and per):
            raise UserError(
                where="--ratio", found=f"{text!r}", expected="two columns, such as revenue/visits"
            )
        found[f"{value}_per_{per}"] = {"kind": "ratio", "value": value, "per": per}
    return found


def _effect(text: str) -> dict[str, float]:
    relative = text.endswith("%")
    try:
        number = float(text.removesuffix("%"))
    except ValueError as error:
        raise UserError(
            where="--effect", found=f"{text!r}", expected="a number, or a percentage such as 5%"
        ) from error
    return {"relative_effect": number / 100} if relative else {"effect": number}


def _guard(text: str) -> tuple[str, dict[str, Any]]:
    parts = text.split(":")
    if len(parts) != 3 or parts[0] not in ("conversion", "mean"):
        raise UserError(
            where="--guard",
            found=f"{text!r}",
            expected="KIND:COLUMN:LIMIT, such as mean:latency_ms:5% or conversion:refunded:0.01",
            hint="a guard is the harm that is allowed; `+` before COLUMN says that more is better",
        )
    kind, column, limit = parts
    more = column.startswith("+")
    name = column.removeprefix("+")
    return name, {"kind": kind, "lower_is_better": not more, **_effect(limit)}


def _shares(text: str) -> dict[str, float]:
    """`A=0.9,B=0.1`; names alone have equal shares."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not any("=" in part for part in parts):
        return equal_shares(parts)
    shares = {}
    for part in parts:
        name, _, number = part.rpartition("=")
        try:
            shares[name] = float(number)
        except ValueError as error:
            raise UserError(
                where="--shares", found=f"{part!r}", expected="NAME=SHARE, such as A=0.9,B=0.1"
            ) from error
    return shares


def equal_shares(names: Sequence[str], control: str | None = None) -> dict[str, float]:
    """The same for each, the control first."""
    order = sorted(names, key=lambda name: name != control) if control else list(names)
    return {name: 1 / len(order) for name in order}
