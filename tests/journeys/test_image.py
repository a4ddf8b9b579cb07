"""What the Dockerfile installs, installed: it answers, is small, and asks nobody else for anything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.commands import fullcycle
from tests.released import ROW, bundle_in, project_in

pytestmark = pytest.mark.nightly  # by day import-linter holds what serving may import
SITE_MB_AT_MOST = 250
# Starts the server as the image does, asks once, and says what it answered.
ASK = """
import json, subprocess, sys, urllib.request
server = subprocess.Popen(
    [sys.argv[1], "serve", "--port", "0"], cwd=sys.argv[2], stderr=subprocess.PIPE, text=True
)
said = ""
for line in server.stderr:
    said += line
    if line.startswith("try:"):
        break
else:
    sys.exit(said)
url = line.split()[3].removesuffix("/predict")
request = urllib.request.Request(
    url + "/predict", sys.argv[3].encode(), {"content-type": "application/json"}
)
try:
    print(urllib.request.urlopen(request).read().decode())
finally:
    server.terminate()
    ended = server.wait()
sys.exit(ended)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = project_in(tmp_path_factory.mktemp("image")).root
    bundle_in(root)
    fullcycle("-C", root, "ci", "image")
    return root


@pytest.fixture(scope="module")
def python(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with what the Dockerfile's two `pip install` bring."""
    made = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(made)], check=True)
    install = [str(Path(sys.executable).with_name("uv")), "pip", "install", "--quiet", "--compile-bytecode"]
    [wheel] = (project / "image").glob("*.whl")
    for what in (["-r", str(project / "image/requirements-serving.txt")], ["--no-deps", str(wheel)]):
        subprocess.run([*install, "--python", str(made / "bin/python"), *what], check=True)
    return made / "bin/python"


def test_the_packages_are_small(python: Path) -> None:
    [site] = python.parents[1].glob("lib/python*/site-packages")
    size = sum(path.lstat().st_size for path in site.rglob("*") if path.is_file())
    assert size <= SITE_MB_AT_MOST * 1e6


def test_it_answers_without_any_network(python: Path, project: Path) -> None:
    ask = [str(python), "-c", ASK, str(python.with_name("fullcycle")), str(project), json.dumps(ROW)]
    cut_off = ["unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    possible = subprocess.run([*cut_off, "true"], capture_output=True, check=False).returncode == 0
    answered = subprocess.run(
        [*(cut_off if possible else []), *ask], capture_output=True, text=True, check=False
    )
    assert answered.returncode == 0, answered.stderr + answered.stdout
    [expected] = json.loads(fullcycle("-C", project, "predict", "--json-row", json.dumps(ROW), "--json"))
    assert json.loads(answered.stdout)["prediction"] == expected["prediction"]
    if not possible:
        pytest.skip("answered, but this machine lets nobody cut off the network")
