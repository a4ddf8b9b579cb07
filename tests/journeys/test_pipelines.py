"""From `init` to a service that is deployed, retrained and sent back, by steps of the generated files alone.

Every `run:` of GitHub's workflows and every `sh` of the Jenkinsfile is read back and run by bash, each job in
a clean clone, with the secrets it names, a DVC remote, MLflow's store, and servers that follow their folders.
Docker is a script that writes down what it was told, and GitHub's API a server of the test.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from ruamel.yaml import YAML

from fullcycle.automate.installed import REQUIREMENT
from fullcycle.automate.pipelines.files import write_pipelines
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.contract.yaml_file import write_contract
from fullcycle.core.project.scaffold import ensure_dvc
from fullcycle.core.routes.store import Deploy, read_routes
from tests.automate.pipelines.parsed import Event, ParsedStep, github_steps, jenkins_steps
from tests.automate.pipelines.test_post import Api
from tests.automate.test_image import docker
from tests.journeys.commands import fullcycle
from tests.journeys.test_serve import started
from tests.released import ROW, bundle_in, project_in
from tests.servers import web

IDENTITY = {
    f"GIT_{who}_{what}": "ci@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}
CANARY = {"shares": [0.5], "minutes": 0, "answers": 50, "limits": {"slower": 50}}
Provider = str
ROWS = 901


@dataclass
class Site:
    """A repository, a store of data, two targets, and what was run of each job."""

    base: Path
    provider: Provider
    urls: dict[str, str] = field(default_factory=dict)
    api: Api = field(default_factory=Api)
    number: int = 0

    @property
    def project(self) -> Path:
        return self.base / "churn"

    def git(self, *words: str) -> str:
        return sh_out(["git", *words], self.project)

    def commit(self, message: str, branch: str = "main") -> None:
        self.git("add", "-A")
        self.git("commit", "--quiet", "-m", message)
        self.git("push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")

    def steps(self, event: Event) -> list[ParsedStep]:
        """Of the files as they are committed."""
        if self.provider == "jenkins":
            files, read = sorted(self.project.glob("Jenkinsfile*")), jenkins_steps
        else:
            files, read = sorted((self.project / ".github/workflows").glob("*.yml")), github_steps
        found = [step for file in files for step in read(file.read_text(encoding="utf-8"))]
        return [step for step in found if event in step.events and not step.sets_up]

    def run(self, event: Event, branch: str = "main", *, only: str = "") -> dict[str, int]:
        """Every step of the event, or of one job; the exit code of each job. After a failure nothing runs but
        what tells of it, and no later job."""
        codes: dict[str, int] = {}
        clones: dict[str, Path] = {}
        for step in self.steps(event):
            if only and step.job != only:
                continue
            before = [code for job, code in codes.items() if job != step.job]
            if any(before) or (codes.get(step.job) and not step.after_failure):
                continue
            if step.job not in clones:
                clones[step.job] = self.clone(branch)
            code = self.bash(step, clones[step.job])
            codes[step.job] = codes.get(step.job) or code
        return codes

    def clone(self, branch: str) -> Path:
        self.number += 1
        folder = self.base / f"clone{self.number}"
        subprocess.run(
            ["git", "clone", "--quiet", "--branch", branch, self.base / "origin.git", folder], check=True
        )
        return folder

    def bash(self, step: ParsedStep, folder: Path) -> int:
        known = {
            **{f"{name.upper()}_URL": url for name, url in self.urls.items()},
            "GITHUB_TOKEN": "secret",
            "github.event.number": "7",
            "inputs.version": "",
        }
        path = os.pathsep.join([str(self.base / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = {**os.environ, **IDENTITY, **step.environment(known), "PATH": path}
        environment |= {"GITHUB_REPOSITORY": "shop/churn", "GITHUB_API_URL": self.urls["api"]}
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", step.run],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert "Traceback" not in done.stderr, done.stderr
        print(step.job, step.run, done.returncode, done.stdout, done.stderr, sep="\n")  # noqa: T201
        return done.returncode

    def champion(self, target: str) -> str | None:
        routes = read_routes(Deploy(self.base / target / "deploy"))
        return None if routes is None else routes.champion

    def deployed(self) -> list[str]:
        """How the latest deployment of each clone that deployed ended, in order."""
        found = []
        for number in range(1, self.number + 1):
            path = self.base / f"clone{number}/evidence/automation.json"
            if path.exists():
                found += [
                    each["ended"] for each in json.loads(path.read_text(encoding="utf-8"))["deployments"]
                ]
        return found


def sh_out(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **IDENTITY}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout.strip()


@pytest.fixture(params=["github", "jenkins"])
def site(request: pytest.FixtureRequest, tmp_path: Path, small_table: Path) -> Site:
    """What a person sets up: a project by `init`, data under DVC, a remote, targets, generated files."""
    made = Site(tmp_path, request.param)
    origin, dvc = tmp_path / "origin.git", str(Path(sys.executable).with_name("dvc"))
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", origin], check=True)
    docker(tmp_path / "bin")
    made.project.mkdir()
    lines = small_table.read_text(encoding="utf-8").splitlines(keepends=True)
    (made.project / "customers.csv").write_text("".join(lines[:ROWS]), encoding="utf-8")
    fullcycle("init", made.project, "--data", made.project / "customers.csv", "--target", "churn")
    edit(made.project, settings_of(tmp_path))
    sh_out([dvc, "add", "--quiet", "customers.csv"], made.project)
    sh_out([dvc, "remote", "add", "--quiet", "--default", "store", str(tmp_path / "store")], made.project)
    fullcycle("-C", made.project, "ci", "--provider", made.provider)
    sh_out([dvc, "push", "--quiet"], made.project)
    made.git("remote", "add", "origin", str(origin))
    made.commit("Set up CI")
    for name in ("staging", "production"):
        (tmp_path / name).mkdir()
        target = {"name": name, "data": {"source": "a.csv"}, "release": {"canary": CANARY}}
        YAML().dump(target, tmp_path / name / "fullcycle.yaml")
    return made


def settings_of(base: Path) -> Callable[[Any], None]:
    def change(settings: Any) -> None:
        settings["experiment"].update(
            models=["linear"], trials=2, folds=3, time_budget_s=600, learning_curve=False
        )
        settings["prepare"].update(variants=False)
        settings["verify"].update(bootstrap=200)
        settings["release"]["canary"].update(CANARY)
        settings["targets"] = {
            name: {"folder": str(base / name / "deploy"), "url": f"${{{name.upper()}_URL}}"}
            for name in ("staging", "production")
        }
        settings["ci"].update(
            secrets=["STAGING_URL", "PRODUCTION_URL"],
            image="registry.example.org/churn",
            canary_minutes=5,
            budget={"trials": 1, "time_budget_s": 60},
        )

    return change


def edit(project: Path, change: Callable[[Any], None]) -> None:
    yaml, path = YAML(), project / "fullcycle.yaml"
    settings = yaml.load(path.read_text(encoding="utf-8"))
    change(settings)
    yaml.dump(settings, path)


def new_data(site: Site, *, swapped: bool) -> None:
    """Other rows of customers; `swapped` says of each that leaves that it stays."""
    site.git("pull", "--quiet", "--rebase", "origin", "main")
    path = site.project / "customers.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    for row in rows if swapped else ():
        row["churn"] = {"Yes": "No", "No": "Yes"}[row["churn"]]
    path.unlink()
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows[:-40])
    for words in (["add", "--quiet", "customers.csv"], ["push", "--quiet"]):
        sh_out([str(Path(sys.executable).with_name("dvc")), *words], site.project)


def is_decided_on(deploy: Deploy) -> bool:
    routes = read_routes(deploy)
    return routes is not None and routes.challenger is not None


@contextmanager
def traffic(site: Site) -> Iterator[None]:
    """Customers who ask until the block ends, as long as there is a challenger to decide about."""
    url, deploy = site.urls["production"], Deploy(site.base / "production/deploy")
    with (site.project / "customers.csv").open(encoding="utf-8", newline="") as handle:
        rows = [
            {name: cell for name, cell in row.items() if name != "churn"} for row in csv.DictReader(handle)
        ]
    ends = threading.Event()

    def ask(start: int) -> None:
        with httpx.Client(timeout=60) as client:
            for number in range(start, 10**9):
                while not ends.is_set() and not is_decided_on(deploy):
                    ends.wait(0.5)
                if ends.is_set():
                    return
                client.post(f"{url}/predict", json=rows[number * 7 % len(rows)])

    clients = [threading.Thread(target=ask, args=(start,)) for start in (0, 500)]
    for client in clients:
        client.start()
    try:
        yield
    finally:
        ends.set()
        for client in clients:
            client.join()


@contextmanager
def followers(site: Site) -> Iterator[None]:
    """The targets' servers, which answer with a bundle of nobody's until something is released there."""
    with (
        web(site.api) as api,
        started("-C", str(site.base / "staging"), "serve", "--port", "0") as staging,
        started("-C", str(site.base / "production"), "serve", "--port", "0") as production,
    ):
        site.urls = {"api": api, "staging": staging.url, "production": production.url}
        yield


def seed(site: Site) -> None:
    """Servers start with something to answer with: a bundle made by hand, as an earlier one."""
    for name in ("staging", "production"):
        bundle_in(site.base / name)


@pytest.mark.parametrize("provider", ["github", pytest.param("jenkins", marks=pytest.mark.nightly)])
def test_the_generated_steps_of_a_job_deploy_a_bundle_that_git_brings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: Literal["github", "jenkins"]
) -> None:
    """The short one: no training, no registry, a bundle made by hand."""
    monkeypatch.setenv(REQUIREMENT, "fullcycle==9.9")
    site = Site(tmp_path, provider)
    subprocess.run(
        ["git", "init", "--quiet", "--bare", "--initial-branch=main", tmp_path / "origin.git"], check=True
    )
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", site.project], check=True)
    folder = tmp_path / "staging/deploy"
    project = project_in(
        site.project,
        "tracking: {uri: 'wandb:people'}\nci: {secrets: [STAGING_URL]}\n"
        "monitor: {retrain: {on: [labels]}}\n"
        "use: {answers: both, batch: {source: rows.csv, output: scored/rows.csv, schedule: 0 5 * * *}}\n"
        f"targets:\n  staging: {{folder: {folder}, url: '${{STAGING_URL}}'}}\n",
    )
    bundle = read_bundle(bundle_in(site.project), prove=False)
    version = bundle.version
    write_contract(site.project / "contract.yaml", bundle.contract)
    ensure_dvc(site.project)
    rows = [{**ROW, "age": age} for age in (20, 40, "old")]
    with (site.project / "rows.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, ROW)
        writer.writeheader()
        writer.writerows(rows)
    write_pipelines(project, provider)
    site.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    site.commit("Set up CI")
    bundle_in(project_in(tmp_path / "staging").root, shift=0.5)
    with started("-C", str(tmp_path / "staging"), "serve", "--port", "0") as staging:
        site.urls = {"staging": staging.url, "api": ""}
        row = json.loads(fullcycle("-C", site.project, "predict", "--example"))
        assert site.run("push", only="staging") == {"staging": 0}
        assert site.champion("staging") == version
        ours = httpx.post(f"{staging.url}/predict", json=row).json()

        # Another bundle is released there by hand, and a person goes back to the one before.
        fullcycle("-C", tmp_path / "staging", "release", "--no-registry")
        assert follows(staging.url, version) != version
        assert site.run("by_hand", only="staging") == {"staging": 0}
        again = httpx.post(f"{staging.url}/predict", json=row).json()
        assert (again["version"], again["probabilities"]) == (version, ours["probabilities"])
    assert site.deployed() == ["released", "back_by_hand"]

    # The clock of monitoring: it looks at what was answered there, and nothing is due.
    assert site.run("scoring", only="monitor") == {"monitor": 0}
    looked = json.loads((site.base / f"clone{site.number}/evidence/monitor.json").read_text(encoding="utf-8"))
    assert (looked["retrain"]["reasons"], looked["retrain"]["now"]) == ([], False)

    # The schedule of the batch: rows that are no rows of the contract end it before anything is scored.
    assert site.run("scoring", only="score") == {"score": 1}
    assert not (site.base / f"clone{site.number}/scored").exists()
    (site.project / "rows.csv").write_text(
        "".join((site.project / "rows.csv").read_text(encoding="utf-8").splitlines(keepends=True)[:-1])
    )
    site.commit("Rows as they must be")
    assert site.run("scoring", only="score") == {"score": 0}
    with (site.base / f"clone{site.number}/scored/rows.csv").open(encoding="utf-8", newline="") as handle:
        scored = list(csv.DictReader(handle))
    assert [row["age"] for row in scored] == ["20", "40"]
    assert all(row["prediction"] for row in scored)


def follows(url: str, before: str) -> str:
    """The version that answers once it is another one than before; servers follow within a second."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        version = str(httpx.get(f"{url}/model").json()["version"])
        if version != before:
            return version
    return before


@pytest.mark.nightly
def test_the_generated_steps_deploy_retrain_and_send_back(site: Site) -> None:
    seed(site)
    began = time.monotonic()
    with followers(site):
        # A push: trained, kept, built, deployed; the first release of a target needs no canary.
        assert site.run("push") == {"train": 0, "staging": 0, "production": 0}
        first = site.champion("production")
        assert first is not None
        assert site.champion("staging") == first
        assert (site.base / "bin/told").read_text(encoding="utf-8").splitlines()[-1].endswith(f":{first}")
        site.git("pull", "--quiet", "--rebase", "origin", "main")
        assert (site.project / "evidence/verify.json").exists(), "evidence is in git"

        # A pull request: trained within the budget, judged beside main, told in a comment.
        site.git("checkout", "--quiet", "-b", "folds")
        edit(site.project, lambda settings: settings["experiment"].update(folds=4))
        site.commit("Four folds", "folds")
        assert site.run("pull_request", "folds") == {"check": 0}
        assert_commented(site)

        # Merged, and the schedule meets new data: retrained, and promoted by the canary.
        site.git("checkout", "--quiet", "main")
        site.git("merge", "--quiet", "--ff-only", "folds")
        new_data(site, swapped=False)
        site.commit("New customers")
        with traffic(site):
            assert site.run("schedule") == {"train": 0, "staging": 0, "production": 0}
        second = site.champion("production")
        assert second not in (None, first)

        # Labels are swapped: the model is good on its own test rows, and the canary sends it back.
        new_data(site, swapped=True)
        site.commit("Labels swapped")
        with traffic(site):
            assert site.run("schedule") == {"train": 0, "staging": 0, "production": 1}
        assert site.champion("production") == second
        assert httpx.get(f"{site.urls['production']}/model").json()["version"] == second
        assert site.deployed()[-1] == "back_canary"

        # A person has second thoughts: the release before answers again, as it did then.
        assert site.run("by_hand", only="production") == {"production": 0}
        assert site.champion("production") == first
        assert httpx.get(f"{site.urls['production']}/model").json()["version"] == first
    assert site.deployed()[-1] == "back_by_hand"
    print(f"{time.monotonic() - began:.0f} s")  # noqa: T201 - what it takes, where somebody asks


def assert_commented(site: Site) -> None:
    clone = site.base / f"clone{site.number}"
    told = (clone / "reports/comment/comment.md").read_text(encoding="utf-8")
    assert "| `main` |" in told
    assert (clone / "reports/comment/metrics.png").read_bytes().startswith(b"\x89PNG")
    if site.provider == "github":
        [posted] = site.api.comments
        assert posted["body"].startswith("<!-- fullcycle: churn -->\n## ✅")
        assert "https://github.com/shop/churn/raw/" in posted["body"]
