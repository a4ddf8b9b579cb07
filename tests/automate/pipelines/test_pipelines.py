"""The files of both providers say the same steps, are valid, and follow from the settings alone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.automate.pipelines.groovy import structure
from tests.automate.pipelines.parsed import github_steps, jenkins_steps

from fullcycle.automate.installed import REQUIREMENT, pins
from fullcycle.automate.pipelines.files import check_pipelines, extras_of, implied, write_pipelines
from fullcycle.automate.pipelines.jobs import Provider, pipelines
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings_file import read_settings

SETTINGS = """
name: Churn it's
data: {source: s3://shop/customers.parquet}
use:
  answers: both
  retrain: "0 3 * * 1"
  batch: {source: "s3://shop/new's.parquet", schedule: "30 4 * * *"}
targets:
  staging: {folder: /srv/staging/deploy, url: "${STAGING_URL}"}
  production: {folder: /srv/production/deploy, url: "http://churn:8000", runner: production}
ci:
  secrets: [STAGING_URL, AWS_SECRET_ACCESS_KEY]
  tests: [python -m pytest tests]
  image: registry.example.org/churn
"""
RETRAIN = "monitor: {retrain: {on: [drift, schedule], look: '15 5 * * *'}}\n"
PROVIDERS: tuple[Provider, ...] = ("github", "jenkins")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project that lies in a folder of its repository."""
    monkeypatch.setenv(REQUIREMENT, "fullcycle==9.9")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    root = tmp_path / "models/churn"
    root.mkdir(parents=True)
    (root / "fullcycle.yaml").write_text(SETTINGS, encoding="utf-8")
    return Project(root)


@pytest.fixture
def retraining(project: Project) -> Project:
    """The same, where monitoring says what is due."""
    project.paths.settings.write_text(SETTINGS + RETRAIN, encoding="utf-8")
    return Project(project.root)


def texts(project: Project, provider: Provider) -> list[str]:
    return [*implied(project, provider).values()]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_step_of_the_jobs_stands_in_the_files_and_nothing_else(
    project: Project, provider: Provider
) -> None:
    read = {"github": github_steps, "jenkins": jenkins_steps}[provider]
    found = [step.run for text in texts(project, provider) for step in read(text) if not step.sets_up]
    expected = [step.run for each in pipelines(project, provider) for job in each.jobs for step in job.steps]
    assert found == expected


def test_both_providers_run_the_same_commands(project: Project) -> None:
    def commands(provider: Provider) -> list[str]:
        steps = [step for each in pipelines(project, provider) for job in each.jobs for step in job.steps]
        return [step.run.replace(provider, "PROVIDER").removesuffix(" --post") for step in steps]

    assert commands("github") == commands("jenkins")


def test_every_step_is_one_command_of_fullcycle_or_of_the_projects_own_tests(project: Project) -> None:
    own = project.settings.ci.tests
    for provider in PROVIDERS:
        steps = [step for each in pipelines(project, provider) for job in each.jobs for step in job.steps]
        assert all(step.run.startswith("fullcycle ") or step.run in own for step in steps)
        assert not any(re.search(r"&&|;|\|", step.run) for step in steps)


def test_githubs_files_are_valid_by_its_schema(project: Project) -> None:
    written = write_pipelines(project, "github").files
    workflows = [path for path in written if path.suffix == ".yml"]
    assert [path.stem.removeprefix("churn-it-s-") for path in workflows] == [
        "pull-request",
        "train",
        "score",
        "rollback",
    ]
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, *workflows], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_jenkinsfile_is_a_whole_declarative_pipeline(project: Project) -> None:
    files = implied(project, "jenkins")
    assert [path.name for path in files] == ["Jenkinsfile", "Jenkinsfile.score", "Jenkinsfile.rollback"]
    for text in files.values():
        [pipeline] = structure(text)
        assert pipeline.name == "pipeline"
        assert {"agent", "options", "stages"} <= pipeline.keys
        for stage in pipeline.all("stage"):
            assert stage.keys & {"steps", "stages"}, stage


def test_steps_work_in_the_projects_folder_of_the_repository(project: Project) -> None:
    folder = "models/churn"
    for text in texts(project, "github"):
        workflow = YAML(typ="safe").load(text)
        assert workflow["defaults"]["run"]["working-directory"] == folder
        triggers = [on for name, on in workflow["on"].items() if name in ("push", "pull_request")]
        assert all(on["paths"] == [f"{folder}/**"] for on in triggers)
    for text in texts(project, "jenkins"):
        assert all(
            block.name == "dir" and block.argument == folder
            for steps in [*structure(text)[0].all("steps")]
            for block in steps.children
        )


def test_two_trainings_never_run_at_once(project: Project) -> None:
    groups = [
        job["concurrency"]
        for text in texts(project, "github")
        for job in YAML(typ="safe").load(text)["jobs"].values()
    ]
    training = [group for group in groups if group["group"].endswith("-training")]
    assert training == [{"group": "churn-it-s-training", "cancel-in-progress": False}]
    assert all("disableConcurrentBuilds()" in text for text in texts(project, "jenkins"))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_where_monitoring_retrains_its_pipeline_alone_has_a_clock_for_training(
    retraining: Project, provider: Provider
) -> None:
    clocks = {each.id: each.schedule for each in pipelines(retraining, provider)}
    assert clocks["monitor"] == "15 5 * * *"
    assert clocks["train"] is None
    [text] = [text for path, text in implied(retraining, provider).items() if "monitor" in path.name]
    steps = [*{"github": github_steps, "jenkins": jenkins_steps}[provider](text)]
    told = [step.run for step in steps if not step.sets_up]
    assert told == [
        "fullcycle ci restore --branch main",
        "fullcycle monitor --at production",
        "fullcycle ci save --branch main",
    ]
    assert steps[-1].after_failure, "what a look with an alarm has made is kept, too"
    [job] = next(each.jobs for each in pipelines(retraining, provider) if each.id == "monitor")
    assert (job.runner, job.alone) == ("production", "training")


def test_the_look_that_trains_is_valid_by_githubs_schema(retraining: Project) -> None:
    [path] = [path for path in write_pipelines(retraining, "github").files if "monitor" in path.name]
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", path]
    assert subprocess.run(command, capture_output=True, text=True, check=False).returncode == 0


def test_a_person_who_goes_back_says_where_and_to_what_and_types_no_command(project: Project) -> None:
    [workflow] = [text for path, text in implied(project, "github").items() if "rollback" in path.name]
    read = YAML(typ="safe").load(workflow)
    assert read["on"]["workflow_dispatch"]["inputs"]["target"]["options"] == list(read["jobs"])
    for name, job in read["jobs"].items():
        assert job["if"] == f"${{{{ inputs.target == '{name}' }}}}"
        assert job["env"]["VERSION"] == "${{ inputs.version }}"
        assert not any("inputs." in step.get("run", "") for step in job["steps"])
        assert job["concurrency"]["group"] != f"churn-it-s-{name}", "it waits for no deployment"
        assert not any("ci restore" in step.get("run", "") for step in job["steps"]), "nor for DVC's remote"
    [text] = [text for path, text in implied(project, "jenkins").items() if "rollback" in path.name]
    assert "string(name: 'VERSION'" in text
    assert f'fullcycle ci rollback {next(iter(read["jobs"]))} --to "$VERSION"' in text


def test_secrets_stand_there_by_name_alone(project: Project) -> None:
    for name in project.settings.ci.secrets:
        assert all(f"${{{{ secrets.{name} }}}}" in text for text in texts(project, "github"))
        assert all(f"{name} = credentials('{name}')" in text for text in texts(project, "jenkins"))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_check_names_what_differs_from_the_settings(project: Project, provider: Provider) -> None:
    with pytest.raises(CheckFailed, match="is missing"):
        check_pipelines(project, provider)
    write_pipelines(project, provider)
    check_pipelines(project, provider)
    settings = project.paths.settings
    settings.write_text(SETTINGS.replace("0 3 * * 1", "0 5 * * 2"), encoding="utf-8")
    with pytest.raises(CheckFailed, match="differs"):
        check_pipelines(Project(project.root), provider)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_persons_own_file_is_never_overwritten(project: Project, provider: Provider) -> None:
    path = next(iter(implied(project, provider)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine\n", encoding="utf-8")
    with pytest.raises(UserError, match="--force"):
        write_pipelines(project, provider)
    assert path.read_text(encoding="utf-8") == "mine\n"
    write_pipelines(project, provider, force=True)
    check_pipelines(project, provider)


def test_a_workflow_that_the_settings_no_longer_imply_goes(project: Project) -> None:
    write_pipelines(project, "github")
    project.paths.settings.write_text(SETTINGS.replace("answers: both", "answers: online"), encoding="utf-8")
    changed = Project(project.root)
    with pytest.raises(CheckFailed, match="no longer implied"):
        check_pipelines(changed, "github")
    [removed] = write_pipelines(changed, "github").removed
    assert removed.name == "churn-it-s-score.yml"
    check_pipelines(changed, "github")


def test_without_targets_ci_ends_with_the_proven_bundle(project: Project) -> None:
    project.paths.settings.write_text("name: a\ndata: {source: a.csv}\n", encoding="utf-8")
    jobs = [job.id for each in pipelines(Project(project.root), "github") for job in each.jobs]
    assert jobs == ["check", "train"]


def test_machines_of_ci_get_the_versions_that_are_installed_here(project: Project) -> None:
    write_pipelines(project, "github")
    requirements = (project.root / "ci/requirements.txt").read_text(encoding="utf-8").splitlines()
    assert requirements[:2] == ["-c constraints.txt", "fullcycle[s3]==9.9"]
    import onnxruntime

    constraints = (project.root / "ci/constraints.txt").read_text(encoding="utf-8").splitlines()
    assert f"onnxruntime=={onnxruntime.__version__}" in constraints
    assert any(line.startswith("s3fs==") for line in constraints)
    assert not any(line.startswith("pytest==") for line in pins())


@pytest.mark.parametrize(
    ("cron", "wrong"),
    [
        ("0 3 * *", "five fields"),
        ("60 3 * * 1", "0 to 59"),
        ("a 3 * * 1", "no number"),
        ("*/0 3 * * 1", "within"),
    ],
)
def test_a_schedule_that_no_provider_reads_is_an_error_with_its_line(
    tmp_path: Path, cron: str, wrong: str
) -> None:
    path = tmp_path / "fullcycle.yaml"
    path.write_text(f'name: a\ndata: {{source: a.csv}}\nuse:\n  retrain: "{cron}"\n', encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_settings(path)
    assert "line 4" in str(caught.value)
    assert wrong in str(caught.value)


def test_extras_follow_from_the_settings(project: Project) -> None:
    assert extras_of(project.settings) == ("s3",)
    experiment: Any = project.settings.experiment.model_copy(update={"models": ["xgboost"], "engine": "dask"})
    more = project.settings.model_copy(update={"experiment": experiment})
    assert extras_of(more) == ("dask", "s3", "xgboost")
