"""The register of risks: what may fail, how it is noticed, what is done, and by whom."""

from __future__ import annotations

from pydantic import Field

from fullcycle.core.project.section import Section


class Risk(Section):
    """One way in which the model may fail people."""

    failure: str = Field(min_length=1, description="What goes wrong")
    detection: str = Field(min_length=1, description="How it is noticed: a finding's code, a gate, a person")
    response: str = Field(min_length=1, description="What is done then, by command where there is one")
    owner: str = Field("", description="The role that does it, such as `ML engineer`; nobody's name")
