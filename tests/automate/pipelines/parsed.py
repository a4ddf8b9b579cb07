"""The steps of generated files, read back as a provider reads them, with the variables that it gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ruamel.yaml import YAML
from tests.automate.pipelines.groovy import Block, structure

SET_UP = ("python -m pip install", "python3.", ".venv-ci/bin/python")
Event = Literal["pull_request", "push", "schedule", "scoring", "by_hand"]
EXPRESSION = re.compile(r"\$\{\{ (?P<inside>[^}]+) \}\}")
CREDENTIAL = re.compile(r"(?P<name>[A-Z_]+) = credentials\('(?P<id>[A-Z_]+)'\)")

CHOSEN = re.compile(r"params\.TARGET == '(?P<target>[a-z]+)'")
TYPED = re.compile(r"string\(name: '(?P<name>[A-Z]+)'")


@dataclass(frozen=True)
class ParsedStep:
    """A line that a shell runs, of which job, on which events; `variables` name secrets by `${{ }}`."""

    job: str
    run: str
    events: tuple[Event, ...]
    variables: Mapping[str, str]
    after_failure: bool = False

    @property
    def sets_up(self) -> bool:
        """Whether it makes the environment: what a laptop has already."""
        return self.run.startswith(SET_UP)

    def environment(self, known: Mapping[str, str]) -> dict[str, str]:
        """The variables with values for what they name; KeyError for what is not known."""
        return {
            name: EXPRESSION.sub(lambda found: known[found["inside"].removeprefix("secrets.")], text)
            for name, text in self.variables.items()
        }


def github_steps(text: str) -> Iterator[ParsedStep]:
    """In the order of the file, which is that of the jobs."""
    workflow = YAML(typ="safe").load(text)
    events = _events(workflow["on"])
    for name, job in workflow["jobs"].items():
        for step in job["steps"]:
            if "run" not in step:
                continue
            condition = step.get("if", "")
            kept = tuple(each for each in events if "!= 'push'" not in condition or each != "push")
            variables = {**job.get("env", {}), **step.get("env", {})}
            yield ParsedStep(name, step["run"], kept, variables, "cancelled()" in condition)


def _events(on: Mapping[str, Any]) -> tuple[Event, ...]:
    if "pull_request" in on:
        return ("pull_request",)
    if "push" in on:
        return ("push", "schedule")
    return ("by_hand",) if (on["workflow_dispatch"] or {}).get("inputs") else ("scoring",)


def jenkins_steps(text: str) -> Iterator[ParsedStep]:
    """Each `sh` line below a stage that has an agent: a job."""
    [pipeline] = structure(text)
    asked = _lines(pipeline, "parameters")
    for job in pipeline.all("stage"):
        if "agent" not in job.keys:
            continue
        name = job.argument.lower()
        condition = _lines(job, "when")
        events: tuple[Event, ...] = ("push", "schedule") if "RETRAIN" in asked else ("scoring",)
        if "changeRequest" in condition:
            events = ("pull_request",)
        chosen = CHOSEN.search(condition)
        if chosen:
            name, events = chosen["target"], ("by_hand",)
        variables = {
            found["name"]: f"${{{{ secrets.{found['id']} }}}}"
            for found in CREDENTIAL.finditer(_lines(job, "environment"))
        }
        # What a person is asked for is a variable of every shell.
        variables |= {
            found["name"]: f"${{{{ inputs.{found['name'].lower()} }}}}" for found in TYPED.finditer(asked)
        }
        for stage in job.all("stage"):
            retraining = "TimerTrigger" in _lines(stage, "when")
            kept: tuple[Event, ...] = ("schedule",) if retraining else events
            for block in stage.blocks("steps"):
                yield from (ParsedStep(name, run, kept, variables) for run in block.shell())
        for post in job.blocks("post"):
            yield from (ParsedStep(name, run, events, variables, True) for run in post.shell())


def _lines(block: Block, name: str) -> str:
    return "\n".join(line for each in block.blocks(name) for line in each.lines)
