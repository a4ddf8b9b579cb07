"""FC8: what monitoring found, each with what to do about it."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.sentences.registry import Told, sentence
from fullcycle.people.report.terms import metric_text
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


@sentence(Code.column_drifted, _("Column drifted"))
def column_drifted(words: Words, told: Told) -> Markup:
    return words.say(
        "Values of %(column)s are spread otherwise than in training: the distributions are %(effect)s apart,"
        " where 0 is equal and 1 is as far as can be. Ask who supplies the column what changed; if the world"
        " did, train again.",
        column=words.name(told.column),
        effect=words.fixed(told.number("effect"), 2),
    )


@sentence(Code.missing_rate_moved, _("Missing values changed"))
def missing_rate_moved(words: Words, told: Told) -> Markup:
    sentence = words.say(
        "%(column)s is missing in %(now)s of the rows; in training it was in %(before)s. Look at the source"
        " before this column: a broken join, a new form, a renamed field.",
        column=words.name(told.column),
        now=words.percent(told.number("missing_now")),
        before=words.percent(told.number("missing_before")),
    )
    if not told.has("unreadable"):
        return sentence
    unread = words.count(
        "%(n)s cell of the source has a text that can't be read as this column's type.",
        "%(n)s cells of the source have a text that can't be read as this column's type.",
        told.number("unreadable"),
    )
    return Markup("{} {}").format(sentence, unread)


@sentence(Code.column_vanished, _("Column gone"))
def column_vanished(words: Words, told: Told) -> Markup:
    return words.say(
        "The table has no column %(column)s any more, and the model needs it. Bring it back under this name,"
        " or train a model without it.",
        column=words.name(told.column),
    )


@sentence(Code.score_drifted, _("Scores drifted"))
def score_drifted(words: Words, told: Told) -> Markup:
    return words.say(
        "The model's answers (%(score)s) are spread otherwise than on training rows: the distributions are"
        " %(effect)s apart. See which columns moved, and compare with outcomes as they come.",
        score=words.value(told.fact("score")),
        effect=words.fixed(told.number("effect"), 2),
    )


@sentence(Code.constant_answer, _("The answer never changes"))
def constant_answer(words: Words, told: Told) -> Markup:
    return words.say(
        "Every row of the window got the same score. Look at what is sent: a frozen feed, or a client that"
        " sends defaults. Roll back if a release came before it: %(command)s.",
        command=words.code("fullcycle rollback"),
    )


@sentence(Code.contract_broken, _("Values that the contract does not expect"))
def contract_broken(words: Words, told: Told) -> Markup:
    return words.say(
        "%(share)s of the values of %(column)s are such as no training row had. If they are right, widen the"
        " contract and train again; if not, mend the source.",
        column=words.name(told.column),
        share=words.percent(told.number("effect")),
    )


@sentence(Code.rows_differ_together, _("Rows differ, all columns together"))
def rows_differ_together(words: Words, told: Told) -> Markup:
    return words.say(
        "A classifier tells current rows from reference rows with an AUC of %(auc)s; 0.5 would be a guess. It"
        " looks most at %(columns)s. See whether these columns still mean what they meant.",
        auc=words.fixed(told.number("auc"), 2),
        columns=words.names(told.columns),
    )


@sentence(Code.window_too_small, _("Window too small"))
def window_too_small(words: Words, told: Told) -> Markup:
    return words.count(
        "The newest window has %(n)s row and is not judged; %(needed)s are needed (%(key)s).",
        "The newest window has %(n)s rows and is not judged; %(needed)s are needed (%(key)s).",
        told.number("rows"),
        needed=words.whole(told.number("needed")),
        key=words.code("monitor.rows_at_least"),
    )


@sentence(Code.variation_unknown, _("Natural variation unknown"))
def variation_unknown(words: Words, told: Told) -> Markup:
    return words.say(
        "How much windows differ where nothing changed is not known for some columns and was assumed: shares"
        " of a half move by 2.5 percentage points. Alarms are rarer than they could be, until enough windows"
        " were seen."
    )


@sentence(Code.column_appeared, _("New columns"))
def column_appeared(words: Words, told: Told) -> Markup:
    return words.say(
        "The table has columns that the contract doesn't know: %(columns)s. No model looks at them.",
        columns=words.names(told.columns),
    )


@sentence(Code.performance_fell, _("Performance fell"))
def performance_fell(words: Words, told: Told) -> Markup:
    return words.say(
        "%(metric)s of the newest rows with outcomes (%(rows)s) is %(value)s; on the test rows it was"
        " %(before)s. Chance does not explain it. If outcomes follow inputs otherwise now, train again on"
        " newer rows; if inputs moved, see the causes first.",
        metric=metric_text(words, str(told.fact("metric"))),
        rows=words.whole(told.number("rows")),
        value=words.score(told.number("value")),
        before=words.score(told.number("before")),
    )


@sentence(Code.performance_expected_lower, _("Lower performance expected"))
def performance_expected_lower(words: Words, told: Told) -> Markup:
    return words.say(
        "Outcomes are not known yet, but on the newest rows the model's own probabilities foresee"
        " %(metric)s of %(value)s; on the test rows it was %(before)s. See which segments grew: the model"
        " knows less about them.",
        metric=metric_text(words, str(told.fact("metric"))),
        value=words.score(told.number("value")),
        before=words.score(told.number("before")),
    )


@sentence(Code.concept_drifted, _("Outcomes follow inputs otherwise"))
def concept_drifted(words: Words, told: Told) -> Markup:
    return words.say(
        "Outcomes of %(rows)s rows are not what the probabilities said, which were true when the model was"
        " verified. Other inputs don't explain it: what follows from them has changed. Train again on newer"
        " rows.",
        rows=words.whole(told.number("rows")),
    )


CHARTED = {
    "latency": _("The time of an answer"),
    "fallbacks": _("The share of answers that something else had to give"),
    "score": _("The mean score"),
    "outcome": _("The mean outcome"),
}


@sentence(Code.out_of_control, _("Out of control"))
def out_of_control(words: Words, told: Told) -> Markup:
    metric = words.say(CHARTED[str(told.fact("metric"))])
    if told.is_("side", "above"):
        return words.say(
            "%(metric)s is higher than its own past explains, weekly season taken out; it seems to have"
            " begun at %(since)s. See what was changed or released then.",
            metric=metric,
            since=words.data(told.fact("since")),
        )
    return words.say(
        "%(metric)s is lower than its own past explains, weekly season taken out; it seems to have begun at"
        " %(since)s. See what was changed or released then.",
        metric=metric,
        since=words.data(told.fact("since")),
    )


@sentence(Code.skew_found, _("Served answers differ from a table's"))
def skew_found(words: Words, told: Told) -> Markup:
    said = words.say(
        "%(different)s of %(rows)s served rows get another answer when scored as a table. The model is"
        " not the one that was proven, or the server reads values otherwise. Go back now (%(command)s), then"
        " compare versions with %(doctor)s.",
        different=words.whole(told.number("different")),
        rows=words.whole(told.number("rows")),
        command=words.code("fullcycle rollback"),
        doctor=words.code("fullcycle doctor"),
    )
    if not told.finding.columns:
        return said
    return said + " " + words.say("Read otherwise: %(columns)s.", columns=words.names(told.finding.columns))


@sentence(Code.outcomes_by_score, _("Outcomes come by score"))
def outcomes_by_score(words: Words, told: Told) -> Markup:
    return words.say(
        "Rows whose outcome is known have a mean score of %(labelled)s, those that wait have %(waiting)s. So"
        " performance is that of rows whose outcome comes early, until the others have theirs.",
        labelled=words.score(told.number("score_labelled")),
        waiting=words.score(told.number("score_waiting")),
    )


@sentence(Code.outcomes_late, _("Outcomes don't come"))
def outcomes_late(words: Words, told: Told) -> Markup:
    return words.say(
        "At its age, %(usual)s of a window's outcomes used to be known; of the newest such window it is"
        " %(known)s. Until they come, performance is not that of now: ask whoever sends outcomes.",
        usual=words.percent(told.number("usual")),
        known=words.percent(told.number("known")),
    )


@sentence(Code.retrained, _("Trained anew"))
def retrained(words: Words, told: Told) -> Markup:
    ended, bundle = told.fact("ended"), words.code(str(told.fact("bundle")))
    champion = words.code(str(told.fact("champion")))
    match ended:
        case "challenger":
            said = words.say(
                "Retraining made %(bundle)s, which is challenger beside %(champion)s now.",
                bundle=bundle,
                champion=champion,
            )
        case "proposed":
            said = words.say(
                "Retraining made %(bundle)s, and it waits for a person: %(command)s lets it answer in part.",
                bundle=bundle,
                command=words.code(str(told.fact("accept"))),
            )
        case "worse":
            said = words.say(
                "Retraining made %(bundle)s, which is shown to be worse than %(champion)s on the newest"
                " rows with outcomes. It is not released: see what these rows have that training rows lack.",
                bundle=bundle,
                champion=champion,
            )
        case "gates":
            return words.say(
                "Retraining made %(bundle)s, which does not pass its gates. It is not released: see the"
                " verdict.",
                bundle=bundle,
            )
        case "unchanged":
            return words.say("Retraining gave the same bundle: nothing new was in the data.")
        case _:
            return words.say("Retraining ended with an error; what answers is what answered before.")
    if not told.has("ours"):
        return said + " " + words.say("It could not be compared with the champion on rows with outcomes.")
    return (
        said
        + " "
        + words.say(
            "On %(rows)s rows that neither was trained on, %(metric)s is %(ours)s; the champion has"
            " %(theirs)s.",
            rows=words.whole(told.number("rows")),
            metric=metric_text(words, str(told.fact("metric"))),
            ours=words.score(told.number("ours")),
            theirs=words.score(told.number("theirs")),
        )
    )
