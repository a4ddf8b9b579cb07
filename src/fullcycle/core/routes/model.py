"""What `deploy/routes.json` holds, and every change of it as a function from routes to routes.

The format is versioned: new fields get defaults, so that a file of any earlier version goes on being read.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ROUTES_VERSION = 1
PREVIOUS_AT_MOST = 10  # champions one can go back to without naming them; the audit file knows them all

Role = Literal["champion", "challenger", "shadow"]


class Part(BaseModel):
    """Frozen; a key that a newer fullcycle has added is left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Canary(Part):
    """A challenger whose share widens by itself. `step` counts from 0; both moments are ISO 8601, UTC."""

    step: int = Field(ge=0)
    began: str
    step_began: str


class Challenger(Part):
    """A bundle that gets part of the traffic."""

    bundle: str
    share: float = Field(gt=0, le=1)
    canary: Canary | None = None


class Routes(Part):
    """Who answers what. `number` grows by one with each change; `salt` decides who is with the challenger.

    `previous` are the champions before this one, the latest first: where rollback goes and what answers for a
    champion that fails.
    """

    version: int = ROUTES_VERSION
    number: int = Field(ge=1)
    changed: str
    salt: str
    champion: str
    previous: tuple[str, ...] = ()
    challenger: Challenger | None = None
    shadow: str | None = None

    @property
    def bundles(self) -> dict[Role, str]:
        """The bundles that a server needs, by what they do."""
        named: dict[Role, str] = {"champion": self.champion}
        if self.challenger is not None:
            named["challenger"] = self.challenger.bundle
        if self.shadow is not None:
            named["shadow"] = self.shadow
        return named

    @property
    def comparison(self) -> str | None:
        """What counts of answers belong to: one challenger at one share. With another, another one begins.

        Shares must not be mixed: where traffic changes with time, a model that got more of it later would be
        compared on other requests.
        """
        beside = self.challenger
        if beside is None:
            return None
        step = "by hand" if beside.canary is None else f"{beside.canary.step} since {beside.canary.began}"
        return f"{self.champion} {beside.bundle} {beside.share} {step}"


def with_champion(routes: Routes, version: str) -> Routes:
    """`version` answers everything, and the champion before it is what rollback goes to.

    A version that was challenger or shadow is that no longer.
    """
    if version == routes.champion:
        return routes
    before = [each for each in (routes.champion, *routes.previous) if each != version]
    return _without(routes, version).model_copy(
        update={"champion": version, "previous": tuple(before[:PREVIOUS_AT_MOST])}
    )


def with_challenger(routes: Routes, version: str, share: float, canary: Canary | None = None) -> Routes:
    """`version` gets `share` of the traffic."""
    challenger = Challenger(bundle=version, share=share, canary=canary)
    return _without(routes, version).model_copy(update={"challenger": challenger})


def with_shadow(routes: Routes, version: str) -> Routes:
    """`version` watches."""
    return _without(routes, version).model_copy(update={"shadow": version})


def without(routes: Routes, role: Role) -> Routes:
    """No challenger, or no shadow."""
    return routes.model_copy(update={role: None})


def rolled_back(routes: Routes) -> Routes | None:
    """The latest release taken back: a challenger leaves, else the champion before this one answers again.

    None where there is nothing to take back.
    """
    if routes.challenger is not None:
        return without(routes, "challenger")
    if not routes.previous:
        return None
    champion, *older = routes.previous
    return _without(routes, champion).model_copy(update={"champion": champion, "previous": tuple(older)})


def _without(routes: Routes, version: str) -> Routes:
    """The version in no role beside the champion's."""
    if routes.challenger is not None and routes.challenger.bundle == version:
        routes = without(routes, "challenger")
    return without(routes, "shadow") if routes.shadow == version else routes
