"""FC4, FC5 and FC6: the search, the graph and the verdict."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.sentences.registry import Told, sentence
from fullcycle.people.report.terms import GATES, VARIANTS, metric_text, model_text, term
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


@sentence(Code.search_ended_by_time, _("Search ended by time"))
def search_ended_by_time(words: Words, told: Told) -> Markup:
    return words.count(
        "Time ended the search after %(n)s trial of %(planned)s: with more time it might find a better"
        " candidate (%(setting)s). The trials are recorded, and a repetition replays them.",
        "Time ended the search after %(n)s trials of %(planned)s: with more time it might find a better"
        " candidate (%(setting)s). The trials are recorded, and a repetition replays them.",
        told.number("trials", "done"),
        planned=words.whole(told.number("planned", "of", "trials_planned", "wanted")),
        setting=words.code("experiment.time_budget_s"),
    )


@sentence(Code.no_better_than_baseline, _("No better than the baseline"))
def no_better_than_baseline(words: Words, told: Told) -> Markup:
    return words.say(
        "The champion is no better than the trivial baseline: the interval of its %(metric)s, %(low)s to"
        " %(high)s, reaches the baseline's %(baseline)s. The columns may simply not say enough about the"
        " target.",
        metric=metric_text(words, str(told.fact("metric"))),
        low=words.score(told.number("low")),
        high=words.score(told.number("high")),
        baseline=words.score(told.number("baseline")),
    )


@sentence(Code.simple_model_as_good, _("The simple model is as good"))
def simple_model_as_good(words: Words, told: Told) -> Markup:
    return words.say(
        "The %(simple)s is as good as the %(champion)s within the uncertainty of the measurement: where it"
        " must be explained, take the simple one.",
        simple=model_text(words, str(told.fact("model", "simple"))),
        champion=model_text(words, str(told.fact("champion"))),
    )


@sentence(Code.folds_mix_groups, _("Folds that mix groups"))
def folds_mix_groups(words: Words, told: Told) -> Markup:
    shown = {
        "column": words.name(told.column),
        "mixed": words.percent(told.number("mixed"), 0),
        "role": words.code("role: group"),
        "file": words.code("contract.yaml"),
    }
    if by := told.texts("by"):
        return words.say(
            "Rows of one %(column)s are alike in the target, and in %(by)s besides; %(mixed)s of the judged"
            " rows were judged by a model that had seen another row of theirs. The scores of the search"
            " flatter unless the same ones come again: give the column %(role)s in %(file)s.",
            by=words.names(by),
            **shown,
        )
    return words.say(
        "Rows of one %(column)s share the target, and %(mixed)s of the judged rows were judged by a model"
        " that had seen another row of theirs. The scores of the search flatter unless the same ones come"
        " again: give the column %(role)s in %(file)s.",
        **shown,
    )


@sentence(Code.more_rows_help, _("More rows would help"))
def more_rows_help(words: Words, told: Told) -> Markup:
    return words.say(
        "From %(half)s to %(rows)s training rows the %(metric)s of the best model still moved by %(gain)s"
        " (interval %(low)s to %(high)s): more rows are likely to help.",
        **_curve(words, told),
    )


@sentence(Code.more_rows_do_not_help, _("More rows would hardly help"))
def more_rows_do_not_help(words: Words, told: Told) -> Markup:
    return words.say(
        "From %(half)s to %(rows)s training rows the %(metric)s of the best model moved by %(gain)s (interval"
        " %(low)s to %(high)s), which may be nothing: better columns are worth more than more rows.",
        **_curve(words, told),
    )


def _curve(words: Words, told: Told) -> dict[str, str | Markup]:
    return {
        "half": words.whole(told.number("half")),
        "rows": words.whole(told.number("rows")),
        "metric": metric_text(words, str(told.fact("metric"))),
        **{name: words.score(told.number(name)) for name in ("gain", "low", "high")},
    }


@sentence(Code.search_on_sample, _("Search on a sample"))
def search_on_sample(words: Words, told: Told) -> Markup:
    return words.say(
        "The search looked at a sample of %(rows)s out of %(total)s training rows, to save time; the final"
        " model is fitted on all of them.",
        rows=words.whole(told.number("rows", "sample")),
        total=words.whole(told.number("of", "total", "rows_total", "all")),
    )


@sentence(Code.graph_proven, _("Graph proven"))
def graph_proven(words: Words, told: Told) -> Markup:
    return words.count(
        "The ONNX graph answers as the fitted pipeline does on %(n)s row: the largest difference is"
        " %(error)s.",
        "The ONNX graph answers as the fitted pipeline does on all %(n)s rows: the largest difference is"
        " %(error)s.",
        told.number("rows"),
        error=words.number(told.number("largest_error", "error"), 2),
    )


@sentence(Code.calibrated, _("Calibrated"))
def calibrated(words: Words, told: Told) -> Markup:
    before = told.number("log_loss_before", "before")
    after = told.number("log_loss_after", "after")
    shown = {"before": words.fixed(before, 4), "after": words.fixed(after, 4)}
    if after < before:
        return words.say(
            "Calibration lowered the log loss of out-of-fold predictions from %(before)s to %(after)s:"
            " predicted probabilities can be read as shares.",
            **shown,
        )
    return words.say(
        "Calibration changed little: the log loss of out-of-fold predictions is %(before)s before and"
        " %(after)s after.",
        **shown,
    )


@sentence(Code.budget_missed, _("Budget missed"))
def budget_missed(words: Words, told: Told) -> Markup:
    if missed := _missed(words, told):
        return words.say(
            "The deployed form (%(variant)s) misses the budget of %(setting)s: %(missed)s. Raise the budget,"
            " or give the model fewer columns.",
            setting=words.code("prepare"),
            variant=term(words, VARIANTS, str(told.fact("variant"))),
            missed=words.joined(missed),
        )
    return words.say(  # evidence of before says no more
        "No form of the model keeps the budget of %(setting)s. The smallest graph was taken: %(variant)s."
        " Raise the budget, or give the model fewer columns.",
        setting=words.code("prepare"),
        variant=term(words, VARIANTS, str(told.fact("variant"))),
    )


def _missed(words: Words, told: Told) -> list[Markup]:
    lines = []
    if told.has("latency_p99_ms_found"):
        lines.append(
            words.say(
                "99 of 100 rows take up to %(found)s ms instead of %(bound)s",
                found=words.number(told.number("latency_p99_ms_found"), 3),
                bound=words.number(told.number("latency_p99_ms"), 3),
            )
        )
    if told.has("size_mb_found"):
        found, bound = (words.size(told.number(name) * 1_000_000) for name in ("size_mb_found", "size_mb"))
        lines.append(words.say("the graph weighs %(found)s instead of %(bound)s", found=found, bound=bound))
    if told.has("quality_loss_at_most_found"):
        lines.append(
            words.say(
                "%(found)s of quality are lost instead of %(bound)s",
                found=words.number(told.number("quality_loss_at_most_found"), 2),
                bound=words.number(told.number("quality_loss_at_most"), 2),
            )
        )
    return lines


@sentence(Code.variant_chosen, _("Another form chosen"))
def variant_chosen(words: Words, told: Told) -> Markup:
    return words.say(
        "Not the champion of the search is deployed, but the %(model)s (%(variant)s): %(size)s instead of"
        " %(champion)s, at a loss of %(loss)s out of fold.",
        model=model_text(words, str(told.fact("model"))),
        variant=term(words, VARIANTS, str(told.fact("variant"))),
        size=words.size(told.number("bytes")),
        champion=words.size(told.number("champion_bytes")),
        loss=words.number(told.number("loss"), 2),
    )


@sentence(Code.slower_than_simple, _("Slower than the simple model"))
def slower_than_simple(words: Words, told: Told) -> Markup:
    return words.say(
        "The deployed form (%(model)s) takes %(own)s µs for a row, the %(simple)s %(short)s µs, and is not"
        " better for it beyond noise: the %(simple)s would lose %(loss)s (%(metric)s, interval %(low)s to"
        " %(high)s). With %(setting)s in %(file)s the smallest form that loses no more is taken.",
        model=model_text(words, str(told.fact("model"))),
        own=words.whole(told.number("p50_us")),
        simple=model_text(words, str(told.fact("simple"))),
        short=words.whole(told.number("simple_p50_us")),
        metric=metric_text(words, str(told.fact("metric"))),
        setting=words.code("prepare.quality_loss_at_most"),
        file=words.code("fullcycle.yaml"),
        **{name: words.number(told.number(name), 2) for name in ("loss", "low", "high")},
    )


@sentence(Code.gate_failed, _("Gate failed"))
def gate_failed(words: Words, told: Told) -> Markup:
    gate = gate_text(
        words,
        str(told.fact("gate")),
        str(told.fact("metric")) if told.has("metric") else None,
        str(told.fact("about")) if told.has("about") else "",
    )
    if told.columns:
        return words.say(
            "A gate failed: “%(gate)s” (%(columns)s).", gate=gate, columns=words.names(told.columns)
        )
    if told.has("found") and told.has("bound"):
        return words.say(
            "A gate failed: “%(gate)s”. Found %(found)s, required %(bound)s.",
            gate=gate,
            found=gate_number(words, str(told.fact("found"))),
            bound=gate_number(words, str(told.fact("bound"))),
        )
    return words.say("A gate failed: “%(gate)s”.", gate=gate)


def gate_text(words: Words, gate: str, metric: str | None, about: str = "") -> Markup:
    """What a gate demands; `about` is a person's own name for it."""
    if gate not in GATES:
        return words.code(gate)
    shown = Markup("") if metric is None else metric_text(words, metric)
    return words.say(GATES[gate], metric=shown, about=words.name(about))


def gate_number(words: Words, found: str) -> str:
    """What a gate compared: a number in the language, or a text as it is."""
    try:
        return words.number(float(found), 4)
    except ValueError:
        return "–" if found == "none" else found


@sentence(Code.test_opened_again, _("Test set opened again"))
def test_opened_again(words: Words, told: Told) -> Markup:
    return words.count(
        "%(n)s model has been judged on these test rows: each further look makes the verdict a little too"
        " kind.",
        "%(n)s models have been judged on these test rows: each further look makes the verdict a little too"
        " kind.",
        told.number("openings"),
    )
