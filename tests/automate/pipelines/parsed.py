"""The steps of generated files, read back as a provider reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml import YAML
from tests.automate.pipelines.groovy import structure

SET_UP = ("python -m pip install", "python3.", ".venv-ci/bin/python")


@dataclass(frozen=True)
class ParsedStep:
    """A line that a shell runs, of which job; `condition` is the provider's, "" without one."""

    job: str
    run: str
    condition: str = ""
    after_failure: bool = False

    @property
    def sets_up(self) -> bool:
        """Whether it makes the environment: what a laptop has already."""
        return self.run.startswith(SET_UP)


def github_steps(text: str) -> Iterator[ParsedStep]:
    """In the order of the file, which is that of the jobs."""
    for name, job in YAML(typ="safe").load(text)["jobs"].items():
        for step in job["steps"]:
            if "run" in step:
                condition = step.get("if", "")
                yield ParsedStep(name, step["run"], condition, "cancelled()" in condition)


def jenkins_steps(text: str) -> Iterator[ParsedStep]:
    """Each `sh` line below a stage that has an agent: a job."""
    for job in structure(text)[0].all("stage"):
        if "agent" not in job.keys:
            continue
        name = job.argument.lower()
        for stage in job.all("stage"):
            when = " ".join(line for block in stage.blocks("when") for line in block.lines)
            yield from (
                ParsedStep(name, run, when) for block in stage.blocks("steps") for run in block.shell()
            )
        for post in job.blocks("post"):
            yield from (ParsedStep(name, run, "always", True) for run in post.shell())
