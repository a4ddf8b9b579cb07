"""What a CI service really runs, whatever its files look like."""

from __future__ import annotations

from typing import Any

import pytest
from ruamel.yaml import YAML

from fullcycle.people.assess.ci_commands import (
    commands_of_jenkinsfile,
    commands_of_shell,
    commands_of_workflow,
    runs,
)

RUN = "fullcycle run"


def workflow(text: str) -> Any:
    return YAML(typ="safe").load(text)


@pytest.mark.parametrize(
    "script",
    [
        "fullcycle run",
        "set -e\nfullcycle run --budget",
        "TRIALS=3 fullcycle run",
        "uv run --frozen fullcycle run",
        "python -m fullcycle run",
        ".venv/bin/fullcycle run | tee log",
        "cd . && fullcycle \\\n  run",
        "if true; then fullcycle run; fi",
    ],
)
def test_a_command_counts_however_it_is_called(script: str) -> None:
    assert runs(list(commands_of_shell(script)), RUN)


@pytest.mark.parametrize(
    "script",
    [
        "# fullcycle run",
        "true # fullcycle run",
        "echo fullcycle run",
        "echo 'fullcycle run'",
        "fullcycle run || true",
        "fullcycle run &",
        "fullcycle run --help",
        "cat > note <<'END'\nfullcycle run\nEND",
        "fullcycle status",
        "'unfinished",
    ],
)
def test_what_only_names_it_or_hides_its_failure_is_no_command(script: str) -> None:
    assert not runs(list(commands_of_shell(script)), RUN)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("on: push\njobs: {a: {steps: [{run: fullcycle run}]}}", True),
        ("on: {schedule: [{cron: '0 3 * * 1'}]}\njobs: {a: {steps: [{run: fullcycle run}]}}", True),
        ("on: workflow_dispatch\njobs: {a: {steps: [{run: fullcycle run}]}}", False),
        ("jobs: {a: {steps: [{run: fullcycle run}]}}", False),
        ("on: push\njobs: {a: {if: false, steps: [{run: fullcycle run}]}}", False),
        ("on: push\njobs: {a: {steps: [{if: '${{ false }}', run: fullcycle run}]}}", False),
        ("on: push\njobs: {a: {steps: [{continue-on-error: true, run: fullcycle run}]}}", False),
        ("on: push\njobs: {a: {steps: [{name: fullcycle run, uses: a/b@v1}]}}", False),
        ("on: push\njobs: {a: {steps: [{working-directory: other, run: fullcycle run}]}}", False),
        ("on: push\njobs: [what]", False),
        ("just words", False),
    ],
)
def test_a_workflow_must_start_by_itself_and_run_the_command(text: str, counts: bool) -> None:
    assert runs(list(commands_of_workflow(workflow(text), "")), RUN) is counts


@pytest.mark.parametrize(
    "step",
    [
        "{working-directory: models/churn, run: fullcycle run}",
        "{run: fullcycle -C models/churn run}",
        "{run: cd models/churn && fullcycle run}",
    ],
)
def test_of_a_project_below_its_repository_only_its_own_commands_count(step: str) -> None:
    found = workflow(f"on: push\njobs: {{a: {{steps: [{step}]}}}}")
    assert runs(list(commands_of_workflow(found, "models/churn")), RUN)
    assert not runs(list(commands_of_workflow(found, "models/prices")), RUN)
    assert not runs(list(commands_of_workflow(found, "")), RUN)


def test_a_jenkinsfile_runs_what_its_sh_steps_say() -> None:
    told = """
    // sh 'fullcycle monitor'
    /* sh 'fullcycle abtest analyse' */
    stage('fullcycle score') { steps { sh 'fullcycle run --budget' } }
    post { always { sh(script: \"\"\"
        fullcycle ci smoke
        \"\"\") } }
    """
    found = list(commands_of_jenkinsfile(told))
    assert found == [("fullcycle", "run", "--budget"), ("fullcycle", "ci", "smoke")]
