"""Every page in every language: structure, names, links, language, safety and size."""

from __future__ import annotations

import re
from functools import cache

import pytest

from fullcycle.core.contract.model import ColumnType
from fullcycle.core.evidence import ExploreEvidence
from fullcycle.core.evidence.base import Histogram
from fullcycle.core.evidence.collect import ServedFacts
from fullcycle.core.evidence.explore import Correlations
from fullcycle.core.evidence.verify import VerifyEvidence
from fullcycle.people.report.build import PAGES, render_pages
from fullcycle.people.report.records import Records
from fullcycle.people.report.words import LANGUAGES
from tests.people import evidence_factory as factory
from tests.people.analysis_factory import analysed, gaps, matrix
from tests.people.languages import OWN, PROJECTS, foreign, pages_of, spoken, theirs
from tests.people.reading import Element, our_words, read

HOSTILE = "\"><script>alert(1)</script><b x='&amp; %(n)s {{ 7*7 }}"


@cache
def tree(project: str, language: str, file: str) -> Element:
    return read(pages_of(project, language)[file])


every_page = pytest.mark.parametrize("file", [f"{stage}.html" for stage in PAGES])
every_language = pytest.mark.parametrize("language", LANGUAGES)
every_project = pytest.mark.parametrize("project", PROJECTS)


@every_project
@every_language
@every_page
def test_a_page_has_landmarks_one_heading_and_its_language(project: str, language: str, file: str) -> None:
    page = tree(project, language, file)
    assert [len(page.all(tag)) for tag in ("h1", "main", "header", "footer")] == [1, 1, 1, 1]
    assert page.all("head")[0].all("title")[0].text
    assert page.all("html")[0].attributes["lang"] == language
    assert all(nav.attributes["aria-label"] for nav in page.all("nav"))
    current = [a for a in page.all("a") if a.attributes.get("aria-current") == "page"]
    assert [a.attributes["href"] for a in current] == [file]


@every_project
@every_language
@every_page
def test_links_and_labels_lead_to_something_on_the_page_or_to_a_page(
    project: str, language: str, file: str
) -> None:
    page = tree(project, language, file)
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for link in page.all("a"):
        where, _, anchor = link.attributes["href"].partition("#")
        assert where in ("", *pages_of(project, language), *(f"../{other}/{file}" for other in LANGUAGES))
        if not where and anchor:
            assert anchor in ids
        elif anchor:
            assert f'id="{anchor}"' in pages_of(project, language)[where]
    labelled = [e.attributes["aria-labelledby"] for e in page.all() if "aria-labelledby" in e.attributes]
    assert set(labelled) <= set(ids)


@every_project
@every_language
@every_page
def test_a_chart_has_a_title_a_name_and_named_axes(project: str, language: str, file: str) -> None:
    for figure in tree(project, language, file).all("figure"):
        assert figure.all("figcaption")[0].text
        for svg in figure.all("svg"):
            assert svg.attributes["role"] == "img"
            assert svg.attributes["aria-label"]
            axes = [t.text for t in svg.all("text") if t.attributes.get("class", "").startswith("at")]
            is_map = any(t.attributes.get("transform") for t in svg.all("text"))
            assert (axes and all(axes)) or is_map


@every_project
@every_language
@every_page
def test_a_page_needs_nothing_from_outside(project: str, language: str, file: str) -> None:
    html = pages_of(project, language)[file]
    page = tree(project, language, file)
    assert not [e for e in page.all() if "src" in e.attributes or e.tag in ("iframe", "object", "base")]
    assert [e.attributes["href"] for e in page.all("link")] == ["data:,"]
    assert not re.search(r"url\(|@import|https?://", html)
    assert "default-src 'none'" in html


@every_project
@every_language
@every_page
def test_a_page_speaks_one_language(project: str, language: str, file: str) -> None:
    said = spoken(our_words(tree(project, language, file)))
    assert foreign(said, language, OWN | theirs(pages_of(project, language)[file])) == set()


@every_language
def test_every_key_of_clean_and_verify_has_words(language: str) -> None:
    for project in PROJECTS:
        for file in ("clean.html", "verify.html"):
            shown = [code.text for code in tree(project, language, file).all("code")]
            assert not {"repeats_a_row", "gap_may_tell", "own_category", "leak_suspects", "stratified"} & set(
                shown
            )


def test_names_from_hostile_data_stay_text() -> None:
    explore = factory.explore()
    columns = tuple(p.model_copy(update={"name": f"{HOSTILE} {i}"}) for i, p in enumerate(explore.columns))
    top = columns[0].model_copy(update={"top": {HOSTILE: 3}})
    records = Records(
        explore=explore.model_copy(update={"columns": (top, *columns[1:]), "target": HOSTILE}),
        clean=factory.clean().model_copy(
            update={"target": factory.clean().target.model_copy(update={"classes": {HOSTILE: 3}})}
        ),
    )
    for html in render_pages(HOSTILE, records, "en", ("en",)).values():
        page = read(html)
        assert len(page.all("script")) == 1
        assert not [element for element in page.all("b") if "x" in element.attributes]
        assert "49" not in page.all("h1")[0].text + page.all("title")[0].text


def test_only_stages_with_evidence_have_a_page_and_the_others_are_named_as_later() -> None:
    pages = render_pages("p", Records(factory.collect(), factory.clean()), "en", ("en",))
    assert set(pages) == {"index.html", "clean.html"}
    index = read(pages["index.html"])
    later = [e.text for e in index.all("span") if e.attributes.get("class") == "later"]
    assert later == ["Analysis", "Experiments", "Preparation", "Verification"]
    assert "No verdict yet" in our_words(index)
    assert "fullcycle run explore" in [code.text for code in index.all("code")]
    assert set(render_pages("p", Records(collect=factory.collect()), "ru", ("ru",))) == {
        "index.html",
        "clean.html",
    }
    assert set(render_pages("p", Records(), "en", ("en",))) == {"index.html"}


def test_the_verdict_comes_first_and_is_the_one_of_the_evidence() -> None:
    for project, said in (
        ("churn", "Passed: the bundle may be released"),
        ("refused", "Failed: 1 gate is closed"),
    ):
        for file in ("index.html", "verify.html"):
            verdict = [
                e for e in tree(project, "en", file).all("div") if "verdict" in e.attributes.get("class", "")
            ]
            assert verdict[0].text.startswith(said)
    assert "left_on" in tree("refused", "en", "verify.html").all("main")[0].text


def test_an_undecided_leak_suspect_stands_before_the_columns() -> None:
    headings = [e.attributes.get("id") for e in tree("houses", "en", "explore.html").all("h2")]
    assert headings.index("suspects") < headings.index("overview")


def wide(columns: int) -> ExploreEvidence:
    names = [f"column {index} with a name of some length" for index in range(columns)]
    profiles = tuple(factory.profile("tenure", 0.4).model_copy(update={"name": name}) for name in names)
    row = tuple(round((i % 19) / 10 - 0.9, 6) for i in range(columns))
    return factory.explore().model_copy(
        update={
            "columns": profiles,
            "correlations": Correlations(columns=tuple(names), values=(row,) * columns),
        }
    )


@every_language
@pytest.mark.parametrize("columns", [74, 300])
def test_a_page_of_many_columns_stays_small_and_can_be_searched(columns: int, language: str) -> None:
    html = render_pages("wide", Records(explore=wide(columns)), language, ("en", "ru"))["explore.html"]
    assert len(html.encode()) < 3_000_000
    cards = [e for e in read(html).all("article") if e.attributes.get("class") == "card"]
    assert len(cards) == columns
    assert all(card.attributes["data-name"] for card in cards)


def realistic(columns: int) -> Records:
    """Numbers and categories by turns, half of them with gaps, and every part that explore can write."""
    names = [f"column_{index}_of_some_length" for index in range(columns)]
    half = columns // 2
    kinds = ("tenure", "Contract")
    profiles = tuple(
        factory.profile(kinds[i % 2], 1 - i / columns).model_copy(update={"name": name})
        for i, name in enumerate(names)
    )
    plain = analysed(factory.explore().model_copy(update={"columns": profiles}))
    return Records(
        collect=factory.collect(),
        clean=factory.clean(),
        explore=plain.model_copy(
            update={
                "correlations": matrix(names[::2], 1),
                "missing_map": gaps(names[:half]),
                "trends": plain.trends * 5,
                "segments": plain.segments * 5,
                "scatters": plain.scatters * 12,
            }
        ),
    )


@every_language
def test_a_page_of_fifty_columns_with_all_of_its_parts_is_under_three_megabytes(language: str) -> None:
    for html in render_pages("wide", realistic(50), language, ("en", "ru")).values():
        assert len(html.encode()) < 3_000_000


def test_conclusions_lead_to_their_chart() -> None:
    tree_ = tree("churn", "en", "explore.html")
    links = {
        e.text[-5:]: a.attributes["href"] for e in tree_.all("li") if "FC3" in e.text for a in e.all("a")
    }
    assert links["FC303"] == "#correlations"
    assert links["FC306"] == "#strength"
    assert links["FC307"] == links["FC312"] == "#suspects"
    assert links["FC313"] == "#trend-1"
    assert links["FC314"] == "#segments"
    assert links["FC315"] == "#missing"


def test_conclusions_of_the_analysis_stand_in_the_order_of_the_evidence() -> None:
    explore = factory.explore()
    turned = tuple(reversed(explore.findings))
    records = Records(explore=explore.model_copy(update={"findings": turned}))
    page = read(render_pages("p", records, "en", ("en",))["explore.html"])
    (told,) = [ul for ul in page.all("ul") if ul.attributes.get("class") == "conclusions"]
    codes = [e.text for e in told.all("span") if e.attributes.get("class") == "fc"]
    assert codes == [finding.code for finding in turned]


def test_columns_whose_names_look_alike_have_anchors_of_their_own() -> None:
    explore = factory.explore()
    names = ("a b", "a-b", "a  b", "!!!", "\u0446\u0435\u043d\u0430")
    columns = tuple(
        p.model_copy(update={"name": name}) for p, name in zip(explore.columns, names, strict=False)
    )
    page = read(
        render_pages("p", Records(explore=explore.model_copy(update={"columns": columns})), "en", ("en",))[
            "explore.html"
        ]
    )
    ids = [e.attributes["id"] for e in page.all("article")]
    assert ids == [
        "column-a-b",
        "column-a-b--2",
        "column-a-b--3",
        "column-x",
        "column-\u0446\u0435\u043d\u0430",
    ]


def test_joins_changes_and_gaps_stand_on_the_page_about_data() -> None:
    text = tree("churn", "en", "clean.html").text
    assert "tailnum = tail_number" in text
    assert "1,043 (14.8%)" in text
    assert "the latest earlier time" in text
    assert "What is new since the snapshot before" in text
    assert "as Contract" in text
    assert "\u201ctwo year\u201d \u2192 \u201cTwo year\u201d" in text
    assert "largest: 8685 \u2192 6000" in text
    assert "by median and quartiles: a few values are far from the rest" in text
    assert "goes with another column" in text


def test_before_and_after_are_drawn_on_one_scale() -> None:
    (clipped,) = [
        e for e in tree("churn", "en", "clean.html").all("article") if e.all("h3")[0].text == "MonthlyCharges"
    ]
    ticks = [[t.text for t in svg.all("text")] for svg in clipped.all("svg")]
    assert ticks[0] == ticks[1]


def test_many_findings_of_one_code_become_a_few_and_a_list() -> None:
    one = next(f for f in factory.every_finding() if f.code == "FC304")
    many = tuple(one.model_copy(update={"columns": (f"c{i}",)}) for i in range(30))
    explore = factory.explore().model_copy(update={"findings": many})
    page = read(render_pages("p", Records(explore=explore), "en", ("en",))["explore.html"])
    told = [e.text for e in page.all("li") if "FC304" in e.text]
    assert len(told) == 4
    assert told[-1].startswith("Skewed column, also: c3, c4")


def test_bins_that_are_close_together_can_be_told_apart() -> None:
    explore = factory.explore(regression=True)
    one = explore.columns[1]
    assert one.relation is not None
    near = tuple(
        b.model_copy(update={"start": -93.6912 + i / 1e4, "end": -93.6911 + i / 1e4, "kind": "value"})
        for i, b in enumerate(one.relation.bins)
    )
    relation = one.relation.model_copy(update={"bins": near})
    records = Records(
        explore=explore.model_copy(update={"columns": (one.model_copy(update={"relation": relation}),)})
    )
    page = read(render_pages("p", records, "en", ("en",))["explore.html"])
    labels = [text.text for text in page.all("text") if text.text.startswith("−93.69")]
    assert len(labels) == len(set(labels)) == len(near)


def test_rows_that_are_outliers_in_several_columns_are_counted_once() -> None:
    clean = factory.clean()
    dropped = [
        decision.model_copy(update={"code": "FC205", "action": "drop_row", "column": name, "rows": 40})
        for decision, name in zip(clean.decisions[2:3] * 3, "abc", strict=True)
    ]
    records = Records(
        clean=clean.model_copy(update={"decisions": tuple(dropped), "rows_in": 100, "rows_out": 50})
    )
    page = read(render_pages("p", records, "en", ("en",))["clean.html"])
    (picture,) = [
        svg for svg in page.all("svg") if svg.attributes.get("aria-label", "").startswith("came: 100")
    ]
    assert picture.attributes["aria-label"].startswith("came: 100; Outliers: −50; kept: 50")


def test_a_datetime_column_shows_dates() -> None:
    day_us = 86_400 * 1_000_000
    edges = tuple(float(1_356_998_400_000_000 + 30 * day_us * i) for i in range(5))
    moments = factory.profile("tenure", 0.3).model_copy(
        update={
            "type": ColumnType.datetime,
            "histogram": Histogram(edges=edges, counts=(1, 2, 3, 4)),
            "box": None,
            "box_by_class": {},
            "first": "2013-01-01T05:00:00+00:00",
            "last": "no moment",
            "relation": None,
        }
    )
    explore = factory.explore().model_copy(update={"columns": (moments,)})
    for language, date in (("en", "Jan 1, 2013"), ("ru", "1 янв. 2013")):
        page = read(render_pages("p", Records(explore=explore), language, ("en", "ru"))["explore.html"])
        (card,) = [e for e in page.all("article") if e.attributes.get("class") == "card"]
        assert date in card.all("svg")[0].attributes["aria-label"]
        assert "2013, 05:00" in card.text


def test_a_search_that_time_ended_and_trials_that_were_replayed_are_told() -> None:
    experiment = factory.experiment()
    trials = tuple(t.model_copy(update={"replayed": t.number < 2}) for t in experiment.trials)
    ended = experiment.model_copy(update={"ended_by": "time", "trials": trials, "higher_is_better": False})
    text = read(render_pages("p", Records(experiment=ended), "en", ("en",))["experiment.html"]).text
    assert "The search was ended by its time budget of 40 s after 16 trials." in text
    assert "2 trials were replayed from the record of an earlier search." in text
    assert "Lower is better." in text


def test_runs_are_where_the_settings_put_them() -> None:
    experiment = factory.experiment()
    tracked = experiment.model_copy(update={"tracking": {"uri": "wandb:churn", "experiment": "churn"}})
    mlflow, wandb = (
        render_pages("p", Records(experiment=each), "en", ("en",))["experiment.html"]
        for each in (experiment, tracked)
    )
    assert "mlflow ui --backend-store-uri sqlite:///mlflow.db" in mlflow
    assert "wandb" not in mlflow
    assert "Weights &amp; Biases" in wandb
    assert "wandb sync" in wandb
    assert "mlflow" not in wandb.lower()


def test_a_model_that_is_not_better_than_the_baseline_is_not_praised() -> None:
    verify = factory.verify()
    same = factory.metric("roc_auc", 0.51, 0.5)
    records = Records(verify=verify.model_copy(update={"metrics": (same,)}))
    text = read(render_pages("p", records, "en", ("en",))["verify.html"]).text
    assert "The model cannot be told from the trivial baseline" in text
    assert "beyond doubt" not in text


def verdict_text(regression: bool = False, language: str = "en") -> str:
    records = Records(verify=factory.verify(regression=regression))
    return read(render_pages("p", records, language, (language,))["verify.html"]).text


def test_what_failed_stands_among_the_tests_and_what_passed_is_folded() -> None:
    text = verdict_text()
    assert text.index("is no worse than that of the bundle in production") < text.index("1 more test passed")
    assert text.index("1 more test passed") < text.index("is answered as well as can be expected")
    assert "No single column that is missing moves answers much: tenure" in text


def test_a_slice_is_weak_hard_or_like_the_rest() -> None:
    text = verdict_text()
    for words in ("545 parts of the rows were looked at", "tenure is “1 – 6”", "hard rows", "like the rest"):
        assert words in text
    assert "<b>basic</b>" in text  # a value of somebody's data is text, never markup


def test_the_page_tells_robustness_behaviour_and_stability_of_a_number_in_its_own_unit() -> None:
    text = verdict_text(regression=True)
    assert "in standard deviations of the answers" in text
    assert "actual less predicted" in text  # as evidence has residuals
    assert "Hard rows are those" not in text
    assert "of labels are others" not in text
    assert "95% of rows" in text


def test_a_champion_that_may_have_seen_the_rows_is_said_to() -> None:
    text = verdict_text()
    assert "it may have learned from some of these" in text
    assert "no clear difference" in text
    assert "Действующую модель проверяли на других строках" in verdict_text(language="ru")


def test_evidence_written_before_there_was_a_suite_has_its_page() -> None:
    evidence = factory.verify()
    old = VerifyEvidence.model_validate(
        {
            key: value
            for key, value in evidence.model_dump().items()
            if key in ("rows", "openings", "headline", "metrics", "gates", "parity", "passed", "bundle")
        }
    )
    text = read(render_pages("p", Records(verify=old), "en", ("en",))["verify.html"]).text
    assert "Asking for a look" not in text
    assert "Slices" not in text


def test_suggestions_stand_with_their_gain_and_nobody_is_told_that_they_are_used() -> None:
    page = tree("churn", "en", "experiment.html").text
    for told in ("charge_per_month", "TotalCharges / tenure", "+0.0090", "+0.0050 to +0.0130"):
        assert told in page
    for verdict in ("suggested", "not tested: time ended", "not shown to gain"):
        assert verdict in page
    assert "used by nothing until a person accepts" in page
    assert "Features that might be added" not in tree("houses", "en", "experiment.html").text


def test_served_rows_are_told_where_the_source_is() -> None:
    served = ServedFacts(file="data/served.parquet", sha256="a", rows=1925)
    collected = factory.collect().model_copy(update={"served": served})
    for language, told in (("en", "1,925 rows that the model had answered"), ("ru", "обслуженных строк")):
        pages = render_pages("p", Records(collected, factory.clean()), language, ("en", "ru"))
        assert told in read(pages["clean.html"]).text
