"""The last answer: a rule or a constant that people declared, for rows that no model could answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.model import Answer
from fullcycle.core.contract.row import CoercedRow
from fullcycle.core.errors import UserError
from fullcycle.core.project.route_settings import FallbackRule, FallbackSettings
from fullcycle.live.routes.lane import Route

WHERE = "fullcycle.yaml, key serve.routes.fallback"
LastAnswer = Callable[[CoercedRow], tuple[Route, Answer] | None]


def last_answers(settings: FallbackSettings, champion: Bundle) -> LastAnswer:
    """Rules in their order, then the constant. Raises UserError for a column or an answer that the champion
    doesn't know."""
    place = {column.name: at for at, column in enumerate(champion.contract.features)}
    rules = [(_holds(rule, place), _answer(rule.answer, champion)) for rule in settings.rules]
    constant = None if settings.constant is None else _answer(settings.constant, champion)

    def answer(row: CoercedRow) -> tuple[Route, Answer] | None:
        for holds, said in rules:
            if holds(row.values):
                return "rule", said
        return None if constant is None else ("constant", constant)

    return answer


def _holds(rule: FallbackRule, place: Mapping[str, int]) -> Callable[[Sequence[object]], bool]:
    at = place.get(rule.column)
    if at is None:
        raise UserError(
            where=f"{WHERE}.rules",
            found=f"column {rule.column!r}",
            expected=f"one of {', '.join(place)}",
            hint="name a column that the released bundle reads",
        )

    def holds(values: Sequence[object]) -> bool:
        value = values[at]
        if rule.values is not None:
            return value in rule.values
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return (rule.at_least is None or value >= rule.at_least) and (
            rule.below is None or value < rule.below
        )

    return holds


def _answer(said: str | float, champion: Bundle) -> Answer:
    """With the shares of training answers as probabilities: that is all that is known without a model."""
    if champion.classes is None:
        if isinstance(said, str):
            raise UserError(
                where=WHERE, found=repr(said), expected="a number", hint="mend it, then serve again"
            )
        return {"prediction": float(said)}
    name = str(said)
    if name not in champion.classes:
        raise UserError(
            where=WHERE,
            found=repr(name),
            expected=f"one of {', '.join(champion.classes)}",
            hint="mend it, then serve again",
        )
    scores = champion.reference.scores
    shares = {each: scores[each].mean if each in scores else 0.0 for each in champion.classes}
    return {"prediction": name, "probabilities": shares}
