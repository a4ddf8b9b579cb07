"""Which variant is deployed: the budget of `prepare:` in fullcycle.yaml decides, and says why."""

from __future__ import annotations

from collections.abc import Sequence

from fullcycle.core.evidence.prepare import VariantChoice, VariantFacts
from fullcycle.core.project.settings import PrepareSettings

MEGABYTE = 1_000_000
CHAMPION = 0  # its place


def choose(variants: Sequence[VariantFacts], budget: PrepareSettings) -> VariantChoice:
    """The champion, which comes first, where nothing is asked for or it keeps latency and size; else the
    best out of fold of those that do. Where `quality_loss_at_most` is set, the smallest graph among those
    that lose no more against the champion.

    Size and not speed decides between them: two runs measure the same bytes. Where nothing keeps latency and
    size, the smallest graph is taken.
    """
    if budget.latency_p99_ms is None and budget.size_mb is None and budget.quality_loss_at_most is None:
        return VariantChoice(place=CHAMPION, reason="no_budget")
    affordable = [place for place, each in enumerate(variants) if affords(each, budget)]
    if not affordable:
        return VariantChoice(place=_smallest(variants, range(len(variants))), reason="nothing_in_budget")
    loss = budget.quality_loss_at_most
    near = [] if loss is None else [place for place in affordable if _loss(variants[place]) <= loss]
    if near:
        return VariantChoice(place=_smallest(variants, near), reason="smallest_within_loss")
    if CHAMPION in affordable:
        return VariantChoice(place=CHAMPION, reason="champion_in_budget")
    best = min(affordable, key=lambda place: (_loss(variants[place]), place))
    return VariantChoice(place=best, reason="best_in_budget")


def affords(variant: VariantFacts, budget: PrepareSettings) -> bool:
    """Whether latency and size keep the budget, as far as one is set."""
    latency, size = budget.latency_p99_ms, budget.size_mb
    fast = latency is None or variant.speed.single_row_p99_us <= 1000 * latency
    return fast and (size is None or variant.bytes <= size * MEGABYTE)


def with_front(variants: Sequence[VariantFacts]) -> list[VariantFacts]:
    """Marked where no other variant is at least as good in quality, latency and size, and better in one
    (Pareto)."""
    points = [(_loss(each), each.speed.single_row_p50_us, each.bytes) for each in variants]
    return [
        each.model_copy(update={"speed": each.speed.model_copy(update={"on_front": not beaten})})
        for each, point in zip(variants, points, strict=True)
        for beaten in [any(_dominates(other, point) for other in points)]
    ]


def _dominates(other: tuple[float, ...], point: tuple[float, ...]) -> bool:
    return other != point and all(a <= b for a, b in zip(other, point, strict=True))


def _smallest(variants: Sequence[VariantFacts], places: Sequence[int]) -> int:
    return min(places, key=lambda place: (variants[place].bytes, place))


def _loss(variant: VariantFacts) -> float:
    return float("inf") if variant.loss.value is None else variant.loss.value
