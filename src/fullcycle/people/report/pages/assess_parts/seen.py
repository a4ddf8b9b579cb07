"""What a check of readiness saw, as a sentence: a function of its facts for each code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from fullcycle.core.evidence.assess import Seen
from fullcycle.core.evidence.base import Scalar
from fullcycle.people.report.words import Words

Facts = dict[str, Scalar]


def _(message: str) -> str:
    """Marks a message for the catalogue."""
    return message


def seen_text(words: Words, seen: Seen) -> Markup:
    """The sentence, without a full stop: it stands in a table, or after a colon."""
    return SEEN[seen.code](words, dict(seen.facts)) if seen.code in SEEN else words.code(seen.code)


def _plain(say: Callable[[Words], Markup]) -> Callable[[Words, Facts], Markup]:
    return lambda words, _: say(words)


def _file(say: Callable[[Words, Any], Markup]) -> Callable[[Words, Facts], Markup]:
    """Of the file that it is about."""
    return lambda words, facts: say(words, words.code(str(facts["file"])))


def _whole(words: Words, facts: Facts, name: str) -> str:
    value = facts[name]
    return words.whole(float(value) if isinstance(value, int | float) else None)


def _number(facts: Facts, name: str = "n") -> float:
    value = facts[name]
    return float(value) if isinstance(value, int | float) else 0.0


def _part(words: Words, facts: Facts, sentence: str) -> Markup:
    return words.say(sentence, n=_whole(words, facts, "n"), all=_whole(words, facts, "all"))


def overtaken(words: Words, facts: Facts) -> Markup:
    return words.say(
        "%(file)s was made with another %(by)s",
        file=words.code(str(facts["file"])),
        by=words.code(str(facts["by"])),
    )


def rests_on(words: Words, facts: Facts) -> Markup:
    return words.say(
        "%(file)s rests on %(on)s, which is not as it was recorded",
        file=words.code(str(facts["file"])),
        on=words.code(str(facts["on"])),
    )


def not_opened(words: Words, facts: Facts) -> Markup:
    return words.say("%(by)s has no opening of this test set", by=words.code(str(facts["by"])))


def contradicted(words: Words, facts: Facts) -> Markup:
    return words.say(
        "%(file)s says otherwise than %(by)s",
        file=words.code(str(facts["file"])),
        by=words.code(str(facts["by"])),
    )


def source(words: Words, facts: Facts) -> Markup:
    return words.say(
        "%(source)s with the hash %(sha256)s",
        source=words.code(str(facts["source"])),
        sha256=words.code(str(facts["sha256"])),
    )


def decisions(words: Words, facts: Facts) -> Markup:
    return words.count(
        "%(n)s decision, %(without)s without a reason",
        "%(n)s decisions, %(without)s without a reason",
        _number(facts),
        without=_whole(words, facts, "without"),
    )


def policies(words: Words, facts: Facts) -> Markup:
    if facts["left"]:
        return words.count(
            "%(n)s column with gaps has no policy",
            "%(n)s columns with gaps have no policy",
            _number(facts, "left"),
        )
    return words.count("policies of %(n)s column", "policies of %(n)s columns", _number(facts))


def seal(words: Words, facts: Facts) -> Markup:
    return words.count(
        "%(n)s row with the hash %(sha256)s",
        "%(n)s rows with the hash %(sha256)s",
        _number(facts, "rows"),
        sha256=words.code(str(facts["sha256"])),
    )


def of_all(words: Words, facts: Facts) -> Markup:
    return _part(words, facts, _("%(n)s of %(all)s columns"))


def relations(words: Words, facts: Facts) -> Markup:
    return words.count("%(n)s relation", "%(n)s relations", _number(facts))


def suspects(words: Words, facts: Facts) -> Markup:
    return words.count(
        "%(n)s leak suspect, %(left)s undecided or kept without a reason",
        "%(n)s leak suspects, %(left)s undecided or kept without a reason",
        _number(facts),
        left=_whole(words, facts, "left"),
    )


def prose(words: Words, facts: Facts) -> Markup:
    return words.count(
        "%(n)s different word of its own in %(file)s (at least %(needed)s)",
        "%(n)s different words of its own in %(file)s (at least %(needed)s)",
        _number(facts),
        file=words.code(str(facts["file"])),
        needed=_whole(words, facts, "needed"),
    )


def fixed(words: Words, facts: Facts) -> Markup:
    if facts["late"]:
        return words.count(
            "%(n)s fixed hypothesis, and others were changed after their results",
            "%(n)s fixed hypotheses, and others were changed after their results",
            _number(facts),
        )
    return words.count("%(n)s fixed hypothesis", "%(n)s fixed hypotheses", _number(facts))


def decided(words: Words, facts: Facts) -> Markup:
    return words.count("%(n)s decided hypothesis", "%(n)s decided hypotheses", _number(facts))


def tracked(words: Words, facts: Facts) -> Markup:
    return words.say("recorded in experiment %(name)s", name=words.data(facts["experiment"]))


def tracked_runs(words: Words, facts: Facts) -> Markup:
    return words.count(
        "%(n)s finished run in experiment %(name)s",
        "%(n)s finished runs in experiment %(name)s",
        _number(facts),
        name=words.data(facts["experiment"]),
    )


def settings(words: Words, facts: Facts) -> Markup:
    return words.count("%(n)s different setting", "%(n)s different settings", _number(facts))


def intervals(words: Words, facts: Facts) -> Markup:
    return _part(words, facts, _("%(n)s of %(all)s candidates"))


def forms(words: Words, facts: Facts) -> Markup:
    return words.count("%(n)s form", "%(n)s forms", _number(facts))


def formats(words: Words, facts: Facts) -> Markup:
    return words.code(str(facts["formats"]))


def parity(words: Words, facts: Facts) -> Markup:
    return _part(words, facts, _("%(n)s of %(all)s proofs of equality"))


def gates(words: Words, facts: Facts) -> Markup:
    return _part(words, facts, _("%(n)s of %(all)s gates passed"))


def smoke(words: Words, facts: Facts) -> Markup:
    return _part(words, facts, _("%(n)s of %(all)s tested services answered rightly"))


def in_ci(words: Words, facts: Facts) -> Markup:
    return words.say("CI runs %(command)s", command=words.code(str(facts["command"])))


def not_in_ci(words: Words, facts: Facts) -> Markup:
    return words.say(
        "no committed CI file runs %(command)s by itself", command=words.code(str(facts["command"]))
    )


def commits(words: Words, facts: Facts) -> Markup:
    return words.count(
        "%(n)s commit that changes what people edit",
        "%(n)s commits that change what people edit",
        _number(facts),
    )


def released(words: Words, facts: Facts) -> Markup:
    return words.say("bundle %(bundle)s answers", bundle=words.code(str(facts["bundle"])))


def by_ci(words: Words, facts: Facts) -> Markup:
    return words.say("evidence is there, and CI runs %(command)s", command=words.code(str(facts["command"])))


SEEN: dict[str, Callable[[Words, Facts], Markup]] = {
    # evidence that proves nothing
    "nothing": _plain(lambda words: words.say("no evidence")),
    "unreadable": _file(lambda words, file: words.say("%(file)s can't be read", file=file)),
    "not_recorded": _file(
        lambda words, file: words.say(
            "%(dvc)s does not record %(file)s", dvc=words.code("dvc.lock"), file=file
        )
    ),
    "edited": _file(
        lambda words, file: words.say(
            "%(file)s is not what %(dvc)s records", dvc=words.code("dvc.lock"), file=file
        )
    ),
    "overtaken": overtaken,
    "rests_on": rests_on,
    "not_opened": not_opened,
    "contradicted": contradicted,
    "other_bundle": _file(lambda words, file: words.say("%(file)s is about another bundle", file=file)),
    # data quality
    "not_committed": _file(lambda words, file: words.say("no commit has %(file)s", file=file)),
    "as_learned": _plain(lambda words: words.say("the contract is as it was first committed")),
    "reviewed": _plain(lambda words: words.say("the contract was changed since it was first committed")),
    "source": source,
    "decisions": decisions,
    "policies": policies,
    "no_seal": _plain(lambda words: words.say("no hash of the test rows")),
    "seal": seal,
    # analysis
    "statistics": of_all,
    "charts": of_all,
    "relations": relations,
    "suspects": suspects,
    "words": prose,
    # experiments
    "fixed": fixed,
    "decided": decided,
    "not_tracked": _plain(lambda words: words.say("no tracking store")),
    "tracked": tracked,
    "runs": tracked_runs,
    "settings": settings,
    "intervals": intervals,
    # preparation
    "forms": forms,
    "formats": formats,
    "no_formats": _plain(lambda words: words.say("no file of the model")),
    "parity": parity,
    "gates": gates,
    "smoke": smoke,
    "smoke_of_another": _plain(lambda words: words.say("only another bundle was tested")),
    # automation
    "in_ci": in_ci,
    "not_in_ci": not_in_ci,
    "committed": _file(lambda words, file: words.say("%(file)s is committed", file=file)),
    "older": _file(lambda words, file: words.say("the committed %(file)s is of another run", file=file)),
    "commits": commits,
    "not_released": _plain(lambda words: words.say("no released bundle")),
    "released": released,
    # the ML Test Score
    "unprovable": _plain(lambda words: words.say("evidence can't prove it")),
    "not_shown": _plain(lambda words: words.say("evidence does not show it")),
    "by_hand": _plain(lambda words: words.say("made by hand")),
    "by_ci": by_ci,
}
