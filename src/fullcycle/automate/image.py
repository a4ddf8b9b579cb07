"""`fullcycle ci image`: a Dockerfile for an image that only answers, and what it installs.

The wheel is installed without its dependencies, most of which train, beside a list of what serving imports:
pinned with the rest (`make lock`) and carried by the package.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from fullcycle.automate.installed import requirement as requirement_of
from fullcycle.core.bundle.model import MANIFEST, Manifest
from fullcycle.core.bundle.pieces import read_piece
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.core.project.files import write_text_atomically
from fullcycle.core.project.project import Project

FOLDER = "image"  # of the project: what the Dockerfile copies beside the bundle
LIST = "requirements-serving.txt"
DOCKERFILE, IGNORE = "Dockerfile", "Dockerfile.dockerignore"

TEMPLATE = """\
# Written by `fullcycle ci image`: answers with the bundle, and holds what that needs.
FROM python:{python}-slim
COPY {folder}/ /tmp/image/
RUN pip install --no-cache-dir --disable-pip-version-check -r /tmp/image/{list} \\
 && pip install --no-cache-dir --disable-pip-version-check --no-deps {requirement} \\
 && rm -r /tmp/image \\
 && useradd --uid 10001 --no-create-home fullcycle \\
 && install -d -o fullcycle -g fullcycle /project/predictions
WORKDIR /project
COPY {settings} ./
COPY {answering}/ {answering}/
USER 10001
# The image itself is never written to (docker run --read-only): predictions are logged into a volume.
VOLUME /project/predictions
EXPOSE {port}
HEALTHCHECK --interval=10s --timeout=2s --start-period=5s \\
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:{port}/health/ready')"]
CMD ["fullcycle", "serve", "--host", "0.0.0.0", "--port", "{port}"]
"""
IGNORED = "*\n!{folder}/\n!fullcycle.yaml\n!bundle/\n!deploy/\n"


@dataclass(frozen=True)
class Image:
    """What was written, and what the image will install as fullcycle."""

    files: tuple[Path, ...]
    requirement: str


def write_image(project: Project, *, force: bool = False) -> Image:
    """Write Dockerfile, its ignore file and `image/` into the project.

    Raises UserError where a Dockerfile of a person's stands in the way (unless `force`), nothing is there to
    answer with, or the wheel of an installation from sources can't be built.
    """
    root = project.root
    if not force:
        _refuse_another(root / DOCKERFILE)
    answering = _answering(project)
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.whl"):
        old.unlink()
    requirement = requirement_of(folder)
    write_text_atomically(folder / LIST, files("fullcycle.data").joinpath(LIST).read_text(encoding="utf-8"))
    write_text_atomically(root / DOCKERFILE, _dockerfile(project, answering, requirement))
    write_text_atomically(root / IGNORE, IGNORED.format(folder=FOLDER))
    written = (root / DOCKERFILE, root / IGNORE, *sorted(folder.iterdir()))
    return Image(written, requirement)


def _refuse_another(path: Path) -> None:
    if not path.exists() or path.read_text(encoding="utf-8").startswith(TEMPLATE.partition("\n")[0]):
        return
    raise UserError(
        where=path.name,
        found="a file that fullcycle did not write",
        expected="none, or one of `fullcycle ci image`",
        hint="keep it under another name, or `fullcycle ci image --force`",
    )


def _answering(project: Project) -> str:
    """The folder that holds what is released, or what was verified last."""
    for folder, proof in ((project.paths.deploy, "routes.json"), (project.paths.bundle, "MANIFEST.json")):
        if (folder / proof).is_file():
            return folder.name
    raise UserError(
        where=str(project.paths.bundle),
        found="no bundle",
        expected="one to answer with",
        hint="`fullcycle run` makes and verifies it, `fullcycle release` lets it answer",
    )


def _dockerfile(project: Project, answering: str, requirement: str) -> str:
    local = requirement.startswith("./")
    return TEMPLATE.format(
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        folder=FOLDER,
        list=LIST,
        requirement=f"/tmp/image/{requirement[2:]}" if local else f'"{requirement}"',
        settings=project.paths.settings.name,
        answering=answering,
        port=project.settings.serve.port,
    )


def push_image(project: Project, name: str) -> str:
    """Build the image that was written and push it as `NAME:VERSION`; what docker says goes to stderr.

    The tag is the version of the bundle in it, so that a name never means two models. Raises UserError where
    docker is missing, and CheckFailed where it fails.
    """
    image = f"{name}:{version_in(project)}"
    for command in (["docker", "build", "--tag", image, "."], ["docker", "push", image]):
        try:
            done = subprocess.run(command, cwd=project.root, stdout=sys.stderr, check=False)
        except FileNotFoundError as error:
            raise UserError(
                where="docker",
                found="no such program",
                expected="docker, or podman under that name",
                hint="`fullcycle ci image` alone writes the files, to be built elsewhere",
            ) from error
        if done.returncode:
            raise CheckFailed(
                where=" ".join(command), found=f"exit code {done.returncode}", hint="see what it said above"
            )
    return image


def version_in(project: Project) -> str:
    """The bundle that the image answers with."""
    from fullcycle.core.routes.store import Deploy, read_routes

    routes = read_routes(Deploy(project.paths.deploy))
    if routes is not None:
        return routes.champion
    return read_piece(project.paths.bundle, MANIFEST, Manifest).bundle
