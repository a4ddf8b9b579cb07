"""Champion beside challenger: the A/B test that the current routes are, from the log and its outcomes.

The losses, their bounds and the level are those of the canary (`live/routes`), so that both say the same: a
canary learns from the outcomes that reach it in time, this from all that are in the log.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.engines.tables import ROW, read_parquet
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.abtest import ROUTES_TEST, AnalysisFacts
from fullcycle.core.project.abtest_settings import AbTest
from fullcycle.core.routes.model import Challenger, Routes
from fullcycle.core.routes.store import Deploy, audit_lines, read_routes
from fullcycle.live.abtest.analyse import Asked, analyse
from fullcycle.live.abtest.design import PerDay
from fullcycle.live.log.files import part_files, raw_files
from fullcycle.live.log.read import open_log
from fullcycle.live.routes.canary import signal_alpha
from fullcycle.live.routes.counts import loss_range

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.project.project import Project

LOSS = "loss"
DAYS_LOOKED_BACK = 28

# A unit is a request, or whoever the column names; rows of one are not independent, so they are one mean.
# An answer in place of another one's says nothing of who gave it.
UNITS = """
COPY (
    SELECT row_number() OVER (ORDER BY min(time), {unit}, route) - 1 AS {number}, route AS variant,
        {unit} AS unit, min(time)::TIMESTAMP AS time, avg({loss}) AS {name}
    FROM predictions
    WHERE time >= {since}::TIMESTAMPTZ AND fallback IS NULL
        AND (route, version) IN (('champion', {champion}), ('challenger', {challenger}))
    GROUP BY {unit}, route ORDER BY 1
) TO {target} (FORMAT parquet)
"""
PER_DAY = """
SELECT count(*) AS units, count(DISTINCT day) AS days FROM (
    SELECT DISTINCT request_id, time::DATE AS day FROM predictions
    WHERE route <> 'shadow' AND time::DATE < current_date AND time::DATE >= current_date - {days}
)
"""


def analyse_routes(project: Project) -> AnalysisFacts:
    """What the log says of the challenger. UserError where there is none, or where nothing was answered."""
    deploy = Deploy(project.paths.deploy)
    routes, challenger = _compared(deploy)
    champion = read_bundle(deploy.bundle(routes.champion), prove=False)
    test, since = routes_as_test(project, challenger), began(deploy, routes)
    with TemporaryDirectory(prefix="fullcycle-abtest-") as scratch:
        target = Path(scratch) / "units.parquet"
        unit = project.settings.serve.routes.column
        query = units_sql(champion, challenger.bundle, since, unit, target)
        _copy(project, query, since)
        table = read_parquet(target)
        asked = Asked(ROUTES_TEST, test, "predictions", seed=project.settings.seed, bounded=frozenset({LOSS}))
        facts = analyse(table, asked)
    versions = {"champion": routes.champion, "challenger": challenger.bundle}
    return facts.model_copy(update={"since": since, "versions": versions})


def routes_as_test(project: Project, challenger: Challenger) -> AbTest:
    """Quality by the canary's limit and level, at any look."""
    canary = project.settings.release.canary
    metric = {"value": LOSS, "lower_is_better": True, "effect": canary.limits.quality or None}
    return AbTest.model_validate(
        {
            "variant": "variant",
            "unit": "unit",
            "time": "time",
            "shares": {"champion": 1 - challenger.share, "challenger": challenger.share},
            "metrics": {LOSS: metric},
            "alpha": signal_alpha(canary) if challenger.canary is not None else canary.false_alarms,
            "peeking": True,
        }
    )


def _compared(deploy: Deploy) -> tuple[Routes, Challenger]:
    routes = read_routes(deploy)
    if routes is None or routes.challenger is None:
        raise UserError(
            where="deploy/routes.json",
            found="no challenger" if routes else "nothing released",
            expected="a champion and a challenger with a share of the traffic, or --data SRC",
            hint="`fullcycle release --as challenger` begins such a test; `--data` analyses any table",
        )
    if routes.challenger.share >= 1:
        raise UserError(
            where="deploy/routes.json",
            found="a challenger that gets everything",
            expected="a share below 1: nobody is left to compare with",
            hint="`fullcycle routes set --share 0.5`",
        )
    return routes, routes.challenger


def began(deploy: Deploy, routes: Routes) -> str:
    """Since when this challenger stands beside this champion at this share: other shares are another test."""
    wanted: dict[str, str | float] = {"champion": routes.champion}
    if routes.challenger is not None:
        wanted |= {"challenger": routes.challenger.bundle, "share": routes.challenger.share}
    since = routes.changed
    for line in reversed(audit_lines(deploy)):
        told = line.get("to") or {}
        if {key: told.get(key) for key in ("champion", "challenger", "share")} != wanted:
            break
        since = str(line["at"])
    return since


def units_sql(champion: Bundle, challenger: str, since: str, column: str | None, target: Path) -> str:
    """A row for each unit and route, in a file."""
    return UNITS.format(
        number=ROW,
        unit="request_id" if column is None else f"coalesce(inputs->>{_text(_pointer(column))}, request_id)",
        loss=loss_sql(champion),
        name=LOSS,
        since=_text(since),
        champion=_text(champion.version),
        challenger=_text(challenger),
        target=_text(str(target)),
    )


def _copy(project: Project, query: str, since: str) -> None:
    with open_log(project.paths.predictions) as log:
        [(rows,)] = log.connection.execute(query).fetchall()
    if not rows:
        raise UserError(
            where="predictions",
            found=f"no answer of champion or challenger since {since}",
            expected="requests that `fullcycle serve` has answered, with outcomes by POST /feedback",
            hint="`fullcycle log show` says what there is",
        )


def loss_sql(champion: Bundle) -> str:
    """`loss_of` of the routes, in the engine: null where no outcome is known."""
    if champion.classes is None:
        width = loss_range(champion)
        distance = "abs((output->>'prediction')::DOUBLE - outcome::DOUBLE)"
        return f"least(1.0, {distance} / {width!r})" if width else f"0.0 * {distance}"
    return f"({' + '.join(map(_squared, champion.classes))}) / 2"


def _squared(name: str) -> str:
    chance = f"(output->'probabilities'->>{_text(_pointer(name))})::DOUBLE"
    return f"pow({chance} - (outcome = {_text(name)})::INT, 2)"


def units_a_day(project: Project) -> PerDay | None:
    """Requests a day on the last whole days of the log that have some."""
    folder = project.paths.predictions
    if not raw_files(folder) and not part_files(folder):
        return None
    with open_log(folder) as log:
        [row] = log.rows(PER_DAY.format(days=DAYS_LOOKED_BACK))
    return PerDay(row["units"] / row["days"], "log") if row["days"] else None


def _pointer(name: str) -> str:
    """A JSON pointer: a name alone would be taken for a path where it begins with $ or /."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _text(text: str) -> str:
    quoted = text.replace("'", "''")
    return f"'{quoted}'"
