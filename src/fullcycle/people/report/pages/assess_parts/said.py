"""How criteria, checks and tests of readiness are called, and what to type to earn what is missing."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup

from fullcycle.core.evidence.assess import CheckFacts, Seen, TestFacts
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    """Marks a message for the catalogue."""
    return message


CRITERIA = {
    "data_quality": _("Data quality"),
    "analysis": _("Analysis and visualisation"),
    "experiments": _("Experiments"),
    "model_preparation": _("Model preparation"),
    "automation": _("Automation"),
}
IN_CHARTS = {**CRITERIA, "analysis": _("Analysis")}  # where a long name would be cut
SECTIONS = {
    "data": _("Data"),
    "model": _("Model"),
    "infrastructure": _("Infrastructure"),
    "monitoring": _("Monitoring"),
}


@dataclass(frozen=True)
class Advice:
    """A command to type, and the sentence around it where it doesn't stand alone."""

    command: str
    sentence: str = ""
    files: dict[str, str] = field(default_factory=dict)

    def said(self, words: Words) -> Markup:
        """In a language."""
        command = words.code(self.command)
        files = {name: words.code(file) for name, file in self.files.items()}
        return words.say(self.sentence, command=command, **files) if self.sentence else command


AGAIN = Advice("fullcycle run")
COMMITTED = _("commit it: %(command)s")

# Titles say what must hold.
CHECKS: dict[str, tuple[str, Advice]] = {
    "contract_reviewed": (
        _("The contract was reviewed since it was learned"),
        Advice(
            "git commit contract.yaml",
            _("correct %(file)s where it is wrong, then %(command)s"),
            {"file": "contract.yaml"},
        ),
    ),
    "source_recorded": (_("The source is recorded by its hash"), Advice("fullcycle run collect")),
    "cleaning_explained": (_("Every cleaning decision has a reason"), Advice("fullcycle run clean")),
    "gaps_and_outliers": (_("Gaps and outliers have a policy"), Advice("fullcycle run clean")),
    "test_set_sealed": (_("The test set is sealed"), Advice("fullcycle run clean")),
    "statistics": (_("Every column has its basic statistics"), Advice("fullcycle run explore")),
    "charts": (_("Every distribution is drawn"), Advice("fullcycle run explore")),
    "relations": (_("Relations with the target are measured"), Advice("fullcycle run explore")),
    "leaks_decided": (
        _("Leak suspects are decided, those that stay with a reason"),
        Advice(
            "fullcycle run",
            _("decide them in %(file)s, then %(command)s"),
            {"file": "contract.yaml"},
        ),
    ),
    "conclusions": (
        _("Conclusions of the analysis are written"),
        Advice(
            "fullcycle report",
            _("write what the analysis shows into %(file)s, then %(command)s"),
            {"file": "notes/explore.md"},
        ),
    ),
    "hypothesis_fixed": (
        _("A hypothesis was fixed before its result"),
        Advice(
            "fullcycle run",
            _("write a hypothesis into %(file)s, then %(command)s"),
            {"file": "fullcycle.yaml"},
        ),
    ),
    "hypothesis_decided": (_("A hypothesis is decided"), Advice("fullcycle hypotheses")),
    "runs_tracked": (_("Runs are tracked"), Advice("fullcycle run experiment")),
    "settings_compared": (
        _("Several settings are compared"),
        Advice(
            "fullcycle run experiment",
            _("give the search more trials or time in %(file)s, then %(command)s"),
            {"file": "fullcycle.yaml"},
        ),
    ),
    "intervals": (_("Every score has its interval"), Advice("fullcycle run experiment")),
    "forms_compared": (_("Forms of the model are compared"), Advice("fullcycle run prepare")),
    "exchange_format": (_("The model is saved as ONNX"), Advice("fullcycle run prepare")),
    "export_proven": (_("The export equals the pipeline"), Advice("fullcycle run prepare")),
    "gates_passed": (_("Every gate on the sealed test set passed"), Advice("fullcycle run verify")),
    "api_answers": (_("The API of this bundle answers as it must"), Advice("fullcycle ci smoke")),
    "pipeline_in_ci": (
        _("CI runs the pipeline"),
        Advice("fullcycle ci --provider github", _("%(command)s, then commit what it writes")),
    ),
    "data_versioned": (
        _("Data and models of the last run are versioned"),
        Advice("git add dvc.lock evidence && git commit", COMMITTED),
    ),
    "history": (
        _("The project has a history"),
        Advice("git commit", _("commit each change of settings, contract or notes: %(command)s")),
    ),
    "documented": (
        _("The project is documented in its people's own words"),
        Advice(
            "git commit README.md",
            _("say in %(file)s what the model is for and who answers for it, then %(command)s"),
            {"file": "README.md"},
        ),
    ),
    "released": (_("A model is released"), Advice("fullcycle release")),
}

# Tests of the paper, in its own order.
TESTS = {
    "schema": _("Feature expectations are captured in a schema"),
    "beneficial": _("All features are beneficial"),
    "cost": _("No feature's cost is too much"),
    "requirements": _("Features adhere to meta-level requirements"),
    "privacy": _("The data pipeline has privacy controls"),
    "new_features": _("New features can be added quickly"),
    "feature_code": _("All input feature code is tested"),
    "reviewed": _("Model specs are reviewed and submitted"),
    "offline_online": _("Offline and online metrics correlate"),
    "tuned": _("All hyperparameters have been tuned"),
    "staleness": _("The impact of model staleness is known"),
    "simpler": _("A simpler model is not better"),
    "slices": _("Quality is sufficient on important slices"),
    "inclusion": _("The model is tested for inclusion"),
    "reproducible": _("Training is reproducible"),
    "unit_tested": _("Model specs are unit tested"),
    "integration": _("The ML pipeline is integration tested"),
    "validated": _("Model quality is validated before serving"),
    "debuggable": _("The model can be debugged on a single example"),
    "canary": _("Models are canaried before serving"),
    "rollback": _("Serving models can be rolled back"),
    "dependencies": _("Dependency changes result in notification"),
    "invariants": _("Data invariants hold for inputs"),
    "skew": _("Training and serving are not skewed"),
    "stale": _("Models are not too stale"),
    "stable": _("Models are numerically stable"),
    "speed": _("Computing performance has not regressed"),
    "quality": _("Prediction quality has not regressed on served data"),
}

# What a person has to write first, so that the command shows it.
FIRST = {
    "beneficial": Advice(
        "fullcycle run",
        _("ignore columns that add nothing in %(file)s, then %(command)s"),
        {"file": "contract.yaml"},
    ),
    "tuned": CHECKS["settings_compared"][1],
    "slices": Advice(
        "fullcycle run",
        _("declare slices that matter below %(key)s and mend weak ones, then %(command)s"),
        {"key": "verify.slices"},
    ),
    "inclusion": Advice(
        "fullcycle run",
        _("name columns of groups below %(key)s, then %(command)s"),
        {"key": "verify.fairness"},
    ),
    "unit_tested": Advice(
        "fullcycle run",
        _("write tests of behaviour into %(file)s that pass, then %(command)s"),
        {"file": "tests/behaviour.yaml"},
    ),
}

# Where evidence is there and isn't believed, that comes first.
DOUBTED = {"not_recorded", "edited", "overtaken", "rests_on", "unreadable"}
OTHERWISE = {
    "not_opened": AGAIN,
    "contradicted": Advice(
        "git checkout evidence dvc.lock", _("bring back what was recorded, such as by %(command)s")
    ),
    "other_bundle": Advice("fullcycle monitor"),
    "smoke_of_another": Advice("fullcycle ci smoke"),
}


def earn_text(words: Words, check: CheckFacts) -> Markup:
    """What to do for the points that a check doesn't give."""
    return _doubted(words, check.seen) or CHECKS[check.id][1].said(words)


def test_earn_text(words: Words, test: TestFacts) -> Markup | None:
    """What to type for more points; None where there are none to earn."""
    if test.by is None or test.points == 1.0:
        return None
    command = words.code(test.by)
    if test.points:
        return words.say("let CI run %(command)s", command=command)
    first = FIRST[test.id].said(words) if test.id in FIRST else command
    return _doubted(words, test.seen) or first


def _doubted(words: Words, seen: Seen) -> Markup | None:
    if seen.code in DOUBTED:
        return AGAIN.said(words)
    return OTHERWISE[seen.code].said(words) if seen.code in OTHERWISE else None
