"""How each operation is built of nodes; `operations` says which operation has which form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce

from fullcycle.core.features.nodes import DOUBLE, Nodes, Tensor
from fullcycle.core.features.tree import Kind

Form = Callable[..., Tensor]


def plain(operator: str, *, whole: Sequence[int] = ()) -> Form:
    """One node that makes NaN of NaN; arguments at `whole` must not be infinite."""

    def build(nodes: Nodes, *arguments: Tensor) -> Tensor:
        ready = [nodes.whole(each) if at in whole else each for at, each in enumerate(arguments)]
        return nodes.number(nodes.add(operator, *(each.name for each in ready)))

    return build


def compared(operator: str) -> Form:
    def build(nodes: Nodes, left: Tensor, right: Tensor) -> Tensor:
        return nodes.truth(nodes.add(operator, left.name, right.name), left, right)

    return build


def equals(nodes: Nodes, left: Tensor, right: Tensor) -> Tensor:
    if isinstance(right.literal, str):
        return nodes.listed(left, [right.literal], inside=True)
    return compared("Equal")(nodes, left, right)


def differs(nodes: Nodes, left: Tensor, right: Tensor) -> Tensor:
    if isinstance(right.literal, str):
        return nodes.listed(left, [right.literal], inside=False)
    return negation(nodes, compared("Equal")(nodes, left, right))


def power(nodes: Nodes, base: Tensor, exponent: Tensor) -> Tensor:
    if exponent.literal == 2:
        return nodes.number(nodes.add("Mul", base.name, base.name))
    # IEEE says that anything to the power 0 is 1, and 1 to any power: even if it is missing.
    raised = nodes.add("Pow", base.name, exponent.name)
    return replace(nodes.strict(raised, Kind.number, base, exponent), finite=False)


def remainder(nodes: Nodes, a: Tensor, b: Tensor) -> Tensor:
    a, b = nodes.whole(a), nodes.whole(b)
    rest = nodes.add("Mod", a.name, b.name, fmod=1)
    zero = nodes.double(0)
    other_side = nodes.add("Less", nodes.add("Mul", nodes.add("Sign", rest), nodes.add("Sign", b.name)), zero)
    return Tensor(nodes.add("Where", other_side, nodes.add("Add", rest, b.name), rest), Kind.number)


def floor_division(nodes: Nodes, a: Tensor, b: Tensor) -> Tensor:
    a, b = nodes.whole(a), nodes.whole(b)
    whole = nodes.add("Sub", a.name, remainder(nodes, a, b).name)
    return nodes.number(nodes.add("Round", nodes.add("Div", whole, b.name)))


def log1p(nodes: Nodes, value: Tensor) -> Tensor:
    return nodes.number(nodes.add("Log", nodes.add("Add", value.name, nodes.double(1))))


def round_to(nodes: Nodes, value: Tensor, digits: Tensor) -> Tensor:
    scale = nodes.double(10.0 ** float(digits.literal or 0))
    return nodes.number(nodes.add("Div", nodes.add("Round", nodes.add("Mul", value.name, scale)), scale))


def extreme(operator: str) -> Form:
    def build(nodes: Nodes, *arguments: Tensor) -> Tensor:
        first, *rest = arguments
        found = reduce(lambda name, each: nodes.add(operator, name, each.name), rest, first.name)
        return nodes.strict(found, Kind.number, *arguments)

    return build


def clip(nodes: Nodes, value: Tensor, low: Tensor, high: Tensor) -> Tensor:
    inside = nodes.add("Max", nodes.add("Min", value.name, high.name), low.name)
    return nodes.strict(inside, Kind.number, value, low, high)


def bucket(nodes: Nodes, value: Tensor, *edges: Tensor) -> Tensor:
    above = nodes.add(
        "GreaterOrEqual",
        value.name,
        nodes.constant([[float(each.literal or 0) for each in edges]], "float64"),
    )
    count = nodes.add(
        "ReduceSum", nodes.add("Cast", above, to=DOUBLE), nodes.constant([1], "int64"), keepdims=1
    )
    return nodes.strict(count, Kind.number, value)


def both(nodes: Nodes, a: Tensor, b: Tensor) -> Tensor:
    return Tensor(nodes.add("Mul", a.name, b.name), Kind.boolean)


def either(nodes: Nodes, a: Tensor, b: Tensor) -> Tensor:
    product = nodes.add("Mul", a.name, b.name)
    return Tensor(nodes.add("Sub", nodes.add("Add", a.name, b.name), product), Kind.boolean)


def negation(nodes: Nodes, a: Tensor) -> Tensor:
    return Tensor(nodes.add("Sub", nodes.double(1), a.name), Kind.boolean)


def one_of(nodes: Nodes, value: Tensor, *options: Tensor) -> Tensor:
    if value.kind is Kind.text:
        return nodes.listed(value, [str(option.literal) for option in options], inside=True)
    conditions = [nodes.add("Equal", value.name, option.name) for option in options]
    return nodes.truth(reduce(lambda a, b: nodes.add("Or", a, b), conditions), value)


def chosen(nodes: Nodes, condition: Tensor, yes: Tensor, no: Tensor) -> Tensor:
    found = nodes.add("Where", nodes.holds(condition), yes.name, no.name)
    made = nodes.strict(found, yes.kind, condition)
    return replace(made, finite=yes.finite and no.finite, present=False)


def first_there(nodes: Nodes, *arguments: Tensor) -> Tensor:
    ready = [nodes.whole(each) for each in arguments]
    found = ready[-1]
    for each in reversed(ready[:-1]):
        mask = nodes.missing(each)
        if mask is None:
            found = each
        else:
            found = Tensor(nodes.add("Where", mask, found.name, each.name), each.kind, present=found.present)
    return found


def is_missing(nodes: Nodes, value: Tensor) -> Tensor:
    mask = nodes.missing(value)
    if mask is None:
        return Tensor(nodes.double(0), Kind.boolean, present=True)
    return Tensor(nodes.add("Cast", mask, to=DOUBLE), Kind.boolean, present=True)


def joined(nodes: Nodes, *arguments: Tensor) -> Tensor:
    found = reduce(
        lambda name, each: nodes.add("StringConcat", name, each.name), arguments[1:], arguments[0].name
    )
    return nodes.unless(nodes.any_missing(*arguments), found, Kind.text)


def between(nodes: Nodes, later: Tensor, earlier: Tensor) -> Tensor:
    difference = nodes.add("Cast", nodes.add("Sub", later.name, earlier.name), to=DOUBLE)
    return nodes.unless(nodes.any_missing(later, earlier), difference, Kind.duration)


def in_units(unit_us: int) -> Form:
    def build(nodes: Nodes, value: Tensor) -> Tensor:
        return Tensor(nodes.add("Div", value.name, nodes.double(unit_us)), Kind.number)

    return build
