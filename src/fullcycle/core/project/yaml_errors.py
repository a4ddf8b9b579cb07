"""A YAML file as a pydantic model, with errors that a person can act on: file, line, key, found, expected,
and the nearest valid key. `fullcycle.yaml` and `contract.yaml` share it."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from fullcycle.core.errors import UserError
from fullcycle.core.project.section import OWN_MODEL
from fullcycle.core.project.yaml_document import Document, Location, dotted, read_document

M = TypeVar("M", bound=BaseModel)

TYPE_EXPECTED = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "finite": "a finite number",
    "string": "text",
    "date": "a date, such as 2026-09-30",
    "list": "a list, such as [a, b]",
    "tuple": "a list, such as [a, b]",
    "dict": "keys with values, each on a line of its own",
    "mapping": "keys with values, each on a line of its own",
    "model": "keys with values, each on a line of its own",
}
PATTERN_EXPECTED = {OWN_MODEL: "package.module:function"}
BOUND_EXPECTED = {
    "greater_than": "a number greater than {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number less than {lt}",
    "less_than_equal": "a number of at most {le}",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "string_too_short": "text of at least {min_length} characters",
}


def load_yaml_model(path: Path, model: type[M], *, hint: str) -> M:
    """The file as a model. Raises UserError for the first mistake, by line; `hint` says what to type next."""
    return validated(read_document(path, hint=hint), model, hint=hint)


def validated(
    document: Document,
    model: type[M],
    *,
    hint: str,
    data: Any = None,
    locate: Callable[[Location], Location] = lambda location: location,
) -> M:
    """The document, or `data` made of it, as a model; `locate` leads from a place in `data` to the file's."""
    _refuse_newer(document, model)
    try:
        return model.model_validate(document.data if data is None else data)
    except ValidationError as error:
        mistakes = sorted(
            _one_each(model, error.errors()),
            # A misspelt key is both unknown and missing: the first of these says what to do.
            key=lambda mistake: (_line(document, locate(mistake["loc"])), mistake["type"] == "missing"),
        )
        raise _as_user_error(document, model, mistakes, hint, locate) from error


def _one_each(model: type[BaseModel], mistakes: Sequence[Any]) -> list[dict[str, Any]]:
    """One mistake a place: pydantic tells one for each type that a value may have, named in its place.

    Of several the one that knows the values is kept; `or` says what else would do.
    """
    places: dict[Location, list[dict[str, Any]]] = {}
    for mistake in mistakes:
        place = _place(model, mistake["loc"])
        places.setdefault(place, []).append({**mistake, "loc": place})
    kept = []
    for found in places.values():
        first = min(found, key=lambda mistake: mistake["type"] not in ("literal_error", "enum"))
        forms = [PATTERN_EXPECTED.get(each.get("ctx", {}).get("pattern", ""), "") for each in found]
        kept.append({**first, "or": [form for form in forms if form]})
    return kept


def _place(model: type[BaseModel], location: Location) -> Location:
    """The location without names of types: a part that nothing there can hold is one."""
    place: Location = ()
    for part in location:
        options = _annotations(model, place)
        if not options or any(_holds(option, part) for option in options):
            place = (*place, part)
    return place


def _holds(option: Any, part: str | int) -> bool:
    if isinstance(option, type) and issubclass(option, BaseModel):
        return part != option.__name__
    origin = get_origin(option)
    return origin is dict or (origin in (list, tuple) and isinstance(part, int))


def _refuse_newer(document: Document, model: type[BaseModel]) -> None:
    version = document.data.get("version") if isinstance(document.data, dict) else None
    known = max(_choices(model, ("version",)), default=None)
    if isinstance(version, int) and known is not None and version > known:
        raise UserError(
            where=document.where(("version",)),
            found=f"version {version}",
            expected=f"version {known} or older",
            hint="install a newer fullcycle",
        )


def _line(document: Document, location: Location) -> int:
    while location and location not in document.lines:
        location = location[:-1]
    return document.lines.get(location, 0)


def _as_user_error(
    document: Document,
    model: type[BaseModel],
    mistakes: list[Any],
    hint: str,
    locate: Callable[[Location], Location],
) -> UserError:
    first = mistakes[0]
    found, expected, nearest = _explain(model, first)
    more = f" (and {len(mistakes) - 1} more to mend)" if len(mistakes) > 1 else ""
    return UserError(
        where=document.where(locate(first["loc"])),
        found=found + more,
        expected=expected,
        hint="; ".join(part for part in (nearest, hint) if part),
    )


def _explain(model: type[BaseModel], mistake: Mapping[str, Any]) -> tuple[str, str, str]:
    """What was found, what was expected, and which valid key or value is nearest."""
    kind, location, value = mistake["type"], mistake["loc"], mistake.get("input")
    match kind:
        case "extra_forbidden":
            return _unknown_key(model, location)
        case "missing":
            return *_absent(model, location), ""
        case "literal_error" | "enum":
            return _unknown_value(value, [*_choices(model, location), *mistake.get("or", ())])
        case "value_error":
            return str(mistake["ctx"]["error"]), "", ""
    expected = " or ".join(mistake.get("or", ())) or TYPE_EXPECTED.get(kind.split("_")[0], mistake["msg"])
    return shortened(value), BOUND_EXPECTED.get(kind, expected).format(**mistake.get("ctx", {})), ""


def _unknown_key(model: type[BaseModel], location: Location) -> tuple[str, str, str]:
    key, siblings = str(location[-1]), list(_fields(model, location[:-1]))
    nearest = get_close_matches(key, siblings, n=1)
    elsewhere = [dotted(path) for path in _all_keys(model, ()) if path[-1] == key]
    guess = nearest or elsewhere[:1]
    return (
        f"an unknown key {key!r}",
        "one of " + ", ".join(siblings),
        f"did you mean `{guess[0]}`?" if guess else "",
    )


def _unknown_value(value: Any, choices: list[Any]) -> tuple[str, str, str]:
    nearest = get_close_matches(str(value), [str(choice) for choice in choices], n=1)
    return (
        shortened(value),
        "one of " + ", ".join(str(choice) for choice in choices),
        f"did you mean `{nearest[0]}`?" if nearest else "",
    )


def shortened(value: Any) -> str:
    """A value as it would stand in a message: at most 60 characters."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _absent(model: type[BaseModel], location: Location) -> tuple[str, str]:
    if isinstance(location[-1], int):
        return "a list that ends too early", f"a value at place {location[-1] + 1}"
    field = _fields(model, location[:-1]).get(location[-1])
    description = field.description if field is not None else None
    return f"no key {location[-1]!r}", description or "this key with a value"


def _fields(model: type[BaseModel], location: Location) -> dict[str, Any]:
    """The fields of the model at a place, if there is a model."""
    for annotation in _annotations(model, location):
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return annotation.model_fields
    return {}


def _choices(model: type[BaseModel], location: Location) -> list[Any]:
    choices: list[Any] = []
    for annotation in _annotations(model, location):
        if isinstance(annotation, type) and hasattr(annotation, "__members__"):
            choices += [member.value for member in annotation.__members__.values()]
        else:
            choices += get_args(annotation)
    return choices


def _annotations(annotation: Any, location: Location) -> list[Any]:
    """The types that a value at `location` below `annotation` may have."""
    options = list(_options(annotation))
    if not location:
        return options
    return [found for option in options for found in _annotations_below(option, location)]


def _annotations_below(option: Any, location: Location) -> list[Any]:
    if isinstance(option, type) and issubclass(option, BaseModel):
        field = option.model_fields.get(str(location[0]))
        return [] if field is None else _annotations(field.annotation, location[1:])
    items = [argument for argument in get_args(option) if argument is not Ellipsis]
    return _annotations(items[-1], location[1:]) if items else []


def _options(annotation: Any) -> Iterator[Any]:
    """A union's members, without None; what Annotated wraps."""
    if get_origin(annotation) in (Union, types.UnionType):
        for argument in get_args(annotation):
            if argument is not type(None):
                yield from _options(argument)
    elif get_origin(annotation) is Annotated:
        yield from _options(get_args(annotation)[0])
    else:
        yield annotation


def _all_keys(annotation: Any, above: Location) -> Iterator[Location]:
    for option in _options(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel):
            for name, field in option.model_fields.items():
                yield (*above, name)
                yield from _all_keys(field.annotation, (*above, name))
