"""Changes that a person makes without a new bundle: going back, and who stands beside the champion."""

from __future__ import annotations

from difflib import get_close_matches

from fullcycle.core.errors import UserError
from fullcycle.core.routes.model import (
    Routes,
    rolled_back,
    with_challenger,
    with_champion,
    with_shadow,
    without,
)
from fullcycle.core.routes.store import Author, Deploy, change_routes

NONE = "none"
VERSIONS_SHOWN = 5


def roll_back(deploy: Deploy, version: str | None, *, who: str, why: str) -> Routes:
    """Take the latest release back; with `version`, that one alone answers and nothing stands beside it."""
    found = None if version is None else named(deploy, version)
    return change_routes(deploy, lambda there: _back(deploy, there, found), Author(who, "rollback", why))


def set_beside(
    deploy: Deploy, *, challenger: str | None, share: float | None, shadow: str | None, who: str, why: str
) -> Routes:
    """Put a challenger or a shadow beside the champion, change a share, or take one off (`none`).

    A share that a person sets stays as it is: a canary ends.
    """

    def change(there: Routes | None) -> Routes:
        routes = _there(deploy, there)
        if challenger == NONE:
            routes = without(routes, "challenger")
        elif challenger is not None or share is not None:
            routes = _with_share(deploy, routes, challenger, share)
        if shadow == NONE:
            routes = without(routes, "shadow")
        elif shadow is not None:
            routes = with_shadow(routes, _beside(deploy, routes, shadow))
        return routes

    return change_routes(deploy, change, Author(who, "routes set", why))


def named(deploy: Deploy, version: str) -> str:
    """The version that starts with these letters, or a UserError that lists what there is."""
    there = deploy.versions()
    found = [each for each in there if each.startswith(version)] if version else []
    if len(found) == 1:
        return found[0]
    close = get_close_matches(version, there, n=1)
    raise UserError(
        where=f"{deploy.folder}, version {version}",
        found="no such bundle" if not found else f"{len(found)} bundles that begin so",
        expected=f"one of {', '.join(there[:VERSIONS_SHOWN])}"
        + (f" and {len(there) - VERSIONS_SHOWN} more" if len(there) > VERSIONS_SHOWN else ""),
        hint=f"did you mean {close[0]}?" if close else "`fullcycle routes --json` lists them",
    )


def nothing_released(deploy: Deploy) -> UserError:
    """For every command that needs a champion."""
    return UserError(
        where=str(deploy.folder),
        found="no released bundle",
        expected="a champion",
        hint="`fullcycle release` makes the project's bundle the champion",
    )


def _back(deploy: Deploy, there: Routes | None, version: str | None) -> Routes:
    routes = _there(deploy, there)
    if version is not None:
        return without(without(with_champion(routes, version), "challenger"), "shadow")
    back = rolled_back(routes)
    if back is None:
        raise UserError(
            where=str(deploy.routes_file),
            found=f"no champion before {routes.champion}",
            expected="one to go back to",
            hint="`fullcycle rollback VERSION`; `fullcycle routes --json` lists the bundles in deploy/",
        )
    named(deploy, back.champion)
    return back


def _with_share(deploy: Deploy, routes: Routes, challenger: str | None, share: float | None) -> Routes:
    now = routes.challenger
    if challenger is None and now is None:
        raise UserError(
            where="fullcycle routes set --share",
            found="no challenger",
            expected="--challenger VERSION, or one that is there",
            hint="`fullcycle routes --json` lists the bundles in deploy/",
        )
    version = now.bundle if challenger is None and now else _beside(deploy, routes, str(challenger))
    if share is None and now is None:
        raise UserError(
            where="fullcycle routes set --challenger",
            found="no share",
            expected="--share SHARE",
            hint=f"`fullcycle routes set --challenger {version} --share 0.1`",
        )
    return with_challenger(routes, version, share if share is not None else now.share if now else 0.0)


def _beside(deploy: Deploy, routes: Routes, version: str) -> str:
    found = named(deploy, version)
    if found == routes.champion:
        raise UserError(
            where="fullcycle routes set",
            found=f"{found}, which is the champion",
            expected="another bundle in deploy/",
            hint="`fullcycle routes --json` lists them",
        )
    return found


def _there(deploy: Deploy, routes: Routes | None) -> Routes:
    if routes is None:
        raise nothing_released(deploy)
    return routes
