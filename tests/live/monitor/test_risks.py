"""The register of risks: evidence proposes, and what people accepted stands in fullcycle.yaml."""

from __future__ import annotations

from pathlib import Path

from tests.people import evidence_factory as factory
from tests.people.monitor_factory import monitored
from tests.released import project_in

from fullcycle.core.evidence.prepare import Importance
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.project.project import Project
from fullcycle.live.monitor.risks import accept, proposed


def test_evidence_proposes_leaks_slices_drift_and_single_points(project: Project) -> None:
    explore, verify, monitor = factory.explore(), factory.verify(), monitored()
    heavy = (Importance(column="tenure", fall=0.2), Importance(column="fax", fall=0.01))
    write_evidence(project.paths.evidence, explore)
    write_evidence(project.paths.evidence, verify.model_copy(update={"importance": heavy}))
    write_evidence(project.paths.evidence, monitor)
    found = proposed(project)
    assert "only tenure" in found
    assert "drift of tenure" in found
    assert "no other answer" in found
    assert "one worker" in found
    leaks = {
        f"leak of {', '.join(each.columns or (each.column,))}" for each in explore.suspects if each.column
    }
    assert leaks <= set(found)
    weak = (
        [each for each in (*verify.slices.declared, *verify.slices.found) if each.weak]
        if verify.slices
        else []
    )
    assert sum(name.startswith("weak slice") for name in found) == min(len(weak), 3)
    assert all(risk.owner for risk in found.values())


def test_a_project_without_evidence_has_its_single_points_alone(project: Project) -> None:
    assert set(proposed(project)) == {"no other answer", "one worker"}


def test_accepted_risks_stand_in_the_file_and_are_not_proposed_again(tmp_path: Path) -> None:
    more = "serve:\n  workers: 2\nrisks:\n  ours:\n    failure: f\n    detection: d\n    response: r\n"
    project = project_in(tmp_path / "project", more)
    accept(project, proposed(project))
    again = Project(project.root)
    assert set(again.settings.risks) == {"ours", "no other answer"}
    assert again.settings.risks["ours"].failure == "f"
    assert proposed(again) == {}
    assert "workers: 2" in project.paths.settings.read_text()
