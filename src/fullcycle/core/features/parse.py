"""From the text of an expression to a typed tree: Python's grammar, a white list, and never `eval`."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import pairwise
from math import isfinite

from fullcycle.core.features.errors import ExpressionError
from fullcycle.core.features.operations import FUNCTIONS, OPERATIONS, Operation, fits
from fullcycle.core.features.tree import Call, Constant, Found, Kind, Leaf, Node, columns_of

CHARACTERS_AT_MOST = 2_000
DEPTH_AT_MOST = 50
BINARY: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
}  # fmt: skip
COMPARED: dict[type, str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
# What people write out of habit, and what it is called here.
HABITS = {
    "int": "floor(...) or round(...)",
    "float": "numbers as they are: every number is a float64 already",
    "str": "categories as they are; a number is no category",
    "len": "the contract: the length of a text is no feature here",
    "isnull": "is_missing(...)",
    "isna": "is_missing(...)",
    "fillna": "coalesce(...)",
    "ln": "log(...)",
    "log10": "log(...) / 2.302585092994046",
    "pow": "a ** b",
    "dayofweek": "weekday(...)",
    "lower": "`lower: true` of the column in contract.yaml",
    "strip": "`strip: true` of the column in contract.yaml",
    "where": "`a if c else b`",
    "sum": "a + b",
    "mean": "(a + b) / 2",
    "date": 'moment("2024-01-31")',
    "datetime": 'moment("2024-01-31 12:00")',
}
OTHER_SYNTAX: dict[type, tuple[str, str]] = {
    ast.Lambda: ("a lambda", "an expression over columns"),
    ast.ListComp: ("a comprehension", "an expression over columns"),
    ast.GeneratorExp: ("a comprehension", "an expression over columns"),
    ast.Dict: ("a dictionary", "an expression over columns"),
    ast.Set: ("a set", "a tuple after `in`: `plan in ('a', 'b')`"),
    ast.Subscript: ("square brackets", 'a column by its name, or col("a name with spaces")'),
    ast.JoinedStr: ("a formatted string", "texts joined by +"),
    ast.Await: ("await", "an expression over columns"),
    ast.NamedExpr: (":=", "a feature of its own for that part"),
    ast.Starred: ("*", "arguments one by one"),
    ast.Slice: ("a slice", "an expression over columns"),
}


@dataclass(frozen=True)
class Vocabulary:
    """What an expression may name: columns by kind, earlier features, lookup tables with the kinds of their
    key and columns. `keys` may be looked up and nothing else; `hidden` says what may not be used, and why."""

    columns: Mapping[str, Kind]
    keys: Mapping[str, Kind] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    lookups: Mapping[str, tuple[Kind, Mapping[str, Kind]]] = field(default_factory=dict)
    features: Mapping[str, Node] = field(default_factory=dict)


def parse(text: str, vocabulary: Vocabulary) -> Node:
    """The typed tree of an expression; ExpressionError points at what is wrong."""
    if not text.strip():
        raise ExpressionError(text, 0, 1, found="nothing", expected="an expression, such as amount / 12")
    if len(text) > CHARACTERS_AT_MOST:
        raise ExpressionError(
            text[:60], 0, 60,
            found=f"{len(text)} characters", expected=f"at most {CHARACTERS_AT_MOST}",
            hint="make features of its parts",
        )  # fmt: skip
    node = _Parser(text, vocabulary).parse()
    if node.kind is Kind.duration:
        raise ExpressionError(
            text, 0, len(text),
            found="a time between two moments", expected="a number, a category, a boolean or a moment",
            hint="put it into days(...), hours(...), minutes(...) or seconds(...)",
        )  # fmt: skip
    if not columns_of(node):
        raise ExpressionError(
            text,
            0,
            len(text),
            found="the same value in each row",
            expected="at least one column of contract.yaml",
        )
    return node


class _Parser:
    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.text, self.vocabulary = text, vocabulary
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def parse(self) -> Node:
        try:
            # In brackets a line may go on below; the bracket is one character, taken off again in `_place`.
            tree = ast.parse(f"({self.text}\n)", mode="eval")
        except SyntaxError as error:
            raise self._no_python(error) from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise ExpressionError(
                self.text, 0, len(self.text), found="a text that Python can't read", expected="an expression"
            ) from error
        return self._node(tree.body, 0)

    # --- one method for each form of Python's grammar

    def _node(self, part: ast.expr, depth: int) -> Node:  # noqa: PLR0911, PLR0912 - one line a form
        if depth > DEPTH_AT_MOST:
            raise self._error(
                part, "an expression in more than 50 levels", "fewer", "make features of its parts"
            )
        match part:
            case ast.Name(id=name):
                return self._named(part, name)
            case ast.Constant(value=value):
                return self._constant(part, value)
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(part, op, self._node(left, depth + 1), self._node(right, depth + 1))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._minus(part, self._node(operand, depth + 1))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._node(operand, depth + 1)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._call(part, "not", [self._node(operand, depth + 1)], [operand])
            case ast.BoolOp(op=op, values=values):
                return self._chain(part, "and" if isinstance(op, ast.And) else "or", values, depth)
            case ast.Compare():
                return self._comparison(part, depth)
            case ast.IfExp(test=test, body=body, orelse=other):
                pieces = [test, body, other]
                return self._call(part, "if", [self._node(each, depth + 1) for each in pieces], pieces)
            case ast.Attribute(value=ast.Call(func=ast.Name(id="lookup")) as call, attr=column):
                return self._lookup(part, call, column, depth)
            case ast.Call():
                return self._function(part, depth)
            case ast.Tuple() | ast.List():
                raise self._error(part, "several values", "one value; several stand after `in` only")
        return self._not_allowed(part)

    def _not_allowed(self, part: ast.expr) -> Node:
        if isinstance(part, ast.Attribute):
            raise self._error(
                part, f"a dot before {part.attr!r}", "a function around the column",
                f"write {part.attr}(...)" if part.attr in FUNCTIONS else "",
            )  # fmt: skip
        if isinstance(part, ast.UnaryOp):
            raise self._error(part, "~", "`not a`")
        found, expected = OTHER_SYNTAX.get(type(part), ("this form of Python", "an expression over columns"))
        raise self._error(part, found, expected)

    def _named(self, part: ast.expr, name: str) -> Node:
        vocabulary = self.vocabulary
        if name in vocabulary.features:
            return vocabulary.features[name]
        if name in vocabulary.columns:
            return Leaf(vocabulary.columns[name], name)
        if name in vocabulary.hidden:
            raise self._error(part, f"{name}, {vocabulary.hidden[name]}", "a column that a model may see")
        known = [*vocabulary.columns, *vocabulary.features]
        if name in FUNCTIONS:
            raise self._error(part, f"the function {name} without its brackets", f"{name}(...)")
        near = get_close_matches(name, known, n=1, cutoff=0.6)
        close = near or [each for each in known if each.casefold() == name.casefold()]
        raise self._error(
            part, f"{name!r}, which no column is called",
            "a column of contract.yaml or a feature above this one",
            f"did you mean `{_spoken(close[0])}`?" if close else "the columns stand in contract.yaml",
        )  # fmt: skip

    def _constant(self, part: ast.expr, value: object) -> Node:
        match value:
            case bool():
                return Constant(Kind.boolean, value)
            case int() | float():
                return self._number(part, value)
            case "":
                raise self._error(
                    part, "an empty text", "a text", "is_missing(...) asks for a value that isn't there"
                )
            case str():
                return Constant(Kind.text, value)
            case None:
                raise self._error(part, "None", "a value", "is_missing(...) asks, coalesce(...) replaces")
        raise self._error(part, f"a {type(value).__name__}", "a number, a text, True or False")

    def _number(self, part: ast.expr, value: int | float) -> Node:
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        if not isfinite(number):
            raise self._error(part, "a number beyond 1.8e308", "a smaller number")
        return Constant(Kind.number, number)

    def _binary(self, part: ast.BinOp, op: ast.operator, left: Node, right: Node) -> Node:
        name = BINARY.get(type(op))
        if name is None:
            words = {ast.BitAnd: "and", ast.BitOr: "or"}.get(type(op))
            raise self._error(
                part,
                "an operator of bits",
                f"`a {words} b`" if words else "arithmetic, comparisons, and, or, not",
            )
        if name == "+" and {left.kind, right.kind} == {Kind.text, Kind.number}:
            wrong = part.left if left.kind is Kind.number else part.right
            raise self._error(
                wrong, "a number beside a category", "two numbers, or two categories",
                "make its column categorical in contract.yaml, if its digits are names",
            )  # fmt: skip
        return self._call(part, name, [left, right], [part.left, part.right])

    def _minus(self, part: ast.UnaryOp, value: Node) -> Node:
        if isinstance(value, Constant) and value.kind is Kind.number:
            return Constant(Kind.number, -float(value.value))  # type: ignore[arg-type]
        return self._call(part, "negative", [value], [part.operand])

    def _chain(self, part: ast.expr, name: str, values: Sequence[ast.expr], depth: int) -> Node:
        found = self._node(values[0], depth + 1)
        for value in values[1:]:
            found = self._call(part, name, [found, self._node(value, depth + 1)], [values[0], value])
        return found

    def _comparison(self, part: ast.Compare, depth: int) -> Node:
        sides = [part.left, *part.comparators]
        links = [
            self._link(part, op, left, right, depth)
            for op, left, right in zip(part.ops, sides[:-1], sides[1:], strict=True)
        ]
        found = links[0]
        for link in links[1:]:
            found = Call(Kind.boolean, "and", (found, link))
        return found

    def _link(self, part: ast.expr, op: ast.cmpop, left: ast.expr, right: ast.expr, depth: int) -> Node:
        if isinstance(op, ast.Is | ast.IsNot):
            raise self._error(part, "`is`", "== or is_missing(...)")
        if isinstance(op, ast.In | ast.NotIn):
            found = self._membership(left, right, depth)
            return found if isinstance(op, ast.In) else Call(Kind.boolean, "not", (found,))
        for side in (left, right):
            if isinstance(side, ast.Constant) and side.value is None:
                raise self._error(
                    side, "None", "a value", "is_missing(...) asks for a value that isn't there"
                )
        values = [self._node(left, depth + 1), self._node(right, depth + 1)]
        return self._call(part, COMPARED[type(op)], values, [left, right])

    def _membership(self, left: ast.expr, right: ast.expr, depth: int) -> Node:
        if not isinstance(right, ast.Tuple | ast.List | ast.Set) or not right.elts:
            raise self._error(right, "no list of values", "values in brackets: `plan in ('a', 'b')`")
        value = self._node(left, depth + 1)
        options = [self._node(each, depth + 1) for each in right.elts]
        return self._call(left, "in", [value, *options], [left, *right.elts])

    def _function(self, part: ast.Call, depth: int) -> Node:
        if not isinstance(part.func, ast.Name):
            raise self._no_function(part.func)
        name = part.func.id
        if part.keywords:
            raise self._error(part, f"{part.keywords[0].arg}=", f"arguments without names in {name}(...)")
        match name:
            case "col":
                return self._column_by_text(part)
            case "moment":
                return self._moment(part)
            case "lookup":
                raise self._error(part, "a lookup without a column", "lookup(table, key).column")
        if name not in FUNCTIONS:
            raise self._unknown_function(part.func, name)
        values = [self._node(each, depth + 1) for each in part.args]
        return self._call(part, name, values, part.args)

    def _no_function(self, part: ast.expr) -> ExpressionError:
        method = part.attr if isinstance(part, ast.Attribute) else ""
        hint = f"use {HABITS[method]}" if method in HABITS else ""
        if method in FUNCTIONS:
            hint = f"write {method}(...) around the column"
        found = "a method" if method else "a call of something that is no function"
        return self._error(part, found, "a function of this list: " + ", ".join(FUNCTIONS), hint)

    def _unknown_function(self, part: ast.expr, name: str) -> ExpressionError:
        near = get_close_matches(name, [*FUNCTIONS, "col", "moment", "lookup"], n=1, cutoff=0.6)
        habit = HABITS.get(name)
        hint = f"use {habit}" if habit else f"did you mean `{near[0]}`?" if near else ""
        return self._error(
            part, f"a function {name!r} that isn't known", "one of " + ", ".join(FUNCTIONS), hint
        )

    def _column_by_text(self, part: ast.Call) -> Node:
        match part.args:
            case [ast.Constant(value=str(name)) as text]:
                return self._named(text, name)
        raise self._error(part, "col(...) without a name in quotes", 'col("a column\'s name")')

    def _moment(self, part: ast.Call) -> Node:
        expected = 'a moment by ISO 8601: moment("2024-01-31") or moment("2024-01-31 12:00")'
        match part.args:
            case [ast.Constant(value=str(text)) as written]:
                try:
                    moment = datetime.fromisoformat(text)
                except ValueError as error:
                    raise self._error(written, repr(text), expected) from error
                if moment.tzinfo is not None:
                    moment = moment.astimezone(UTC).replace(tzinfo=None)
                return Constant(Kind.time, moment)
        raise self._error(part, "moment(...) without a text", expected)

    def _lookup(self, part: ast.expr, call: ast.Call, column: str, depth: int) -> Node:
        lookups = self.vocabulary.lookups
        match call.args:
            case [ast.Name(id=table), key]:
                pass
            case _:
                raise self._error(call, "a lookup of another form", "lookup(table, key).column")
        if table not in lookups:
            near = get_close_matches(table, list(lookups), n=1)
            raise self._error(
                call.args[0], f"{table!r}, which no lookup table is called",
                "a table of `lookups:` in fullcycle.yaml", f"did you mean `{near[0]}`?" if near else "",
            )  # fmt: skip
        key_kind, columns = lookups[table]
        if isinstance(key, ast.Name) and key.id in self.vocabulary.keys:
            value: Node = Leaf(self.vocabulary.keys[key.id], key.id)
        else:
            value = self._node(key, depth + 1)
        if value.kind is not key_kind:
            raise self._error(key, _a(value.kind), f"{_a(key_kind)}, as the key of {table} is")
        if column not in columns:
            near = get_close_matches(column, list(columns), n=1)
            raise self._error(
                part, f"{column!r}, which no column of {table} is called",
                "one of " + ", ".join(columns), f"did you mean `{near[0]}`?" if near else "",
            )  # fmt: skip
        return Found(columns[column], table, column, value)

    # --- types

    def _call(self, part: ast.expr, name: str, values: Sequence[Node], pieces: Sequence[ast.expr]) -> Node:
        kinds = [value.kind for value in values]
        for promote in (False, True):
            for operation in OPERATIONS[name]:
                if fits(operation, kinds, promote=promote):
                    self._check_literals(operation, values, pieces)
                    return Call(operation.gives, name, tuple(values))
        raise self._misfit(part, name, kinds, pieces)

    def _check_literals(
        self, operation: Operation, values: Sequence[Node], pieces: Sequence[ast.expr]
    ) -> None:
        if operation.literal_from is None:
            return
        for value, piece in zip(
            values[operation.literal_from :], pieces[operation.literal_from :], strict=True
        ):
            if not isinstance(value, Constant):
                raise self._error(piece, "an expression", f"a value as it stands, in {operation.written}")
        if operation.name == "round":
            digits = float(values[1].value)  # type: ignore[attr-defined]
            if digits != int(digits) or not 0 <= digits <= 12:
                raise self._error(pieces[1], f"{digits:g} digits", "a whole number from 0 to 12")
        if operation.name == "bucket":
            edges = [float(value.value) for value in values[1:]]  # type: ignore[attr-defined]
            if any(b <= a for a, b in pairwise(edges)):
                raise self._error(pieces[-1], "edges out of order", "edges that grow")

    def _misfit(
        self, part: ast.expr, name: str, kinds: Sequence[Kind], pieces: Sequence[ast.expr]
    ) -> ExpressionError:
        options = OPERATIONS[name]
        sized = [
            each
            for each in options
            if len(each.takes) == len(kinds) or (each.more and len(kinds) >= len(each.takes))
        ]
        if not sized:
            wanted = " or ".join(dict.fromkeys(each.written for each in options))
            return self._error(part, f"{len(kinds)} argument{'s' * (len(kinds) != 1)} of {name}", wanted)
        place, wanted_kinds = _first_misfit(sized, kinds)
        expected, beside = " or ".join(dict.fromkeys(map(_a, wanted_kinds))), ""
        if (
            len(set(kinds)) > 1
            and len(pieces) > 1
            and name in ("==", "!=", "<", "<=", ">", ">=", "if", "coalesce", "in")
        ):
            expected = f"the same kind as beside it: {expected}"
            beside = _column_beside(pieces, kinds, place)
        return self._error(
            pieces[place] if place < len(pieces) else part,
            _a(kinds[place]),
            expected,
            _way_out(kinds[place], wanted_kinds) or beside,
        )

    def _error(self, part: ast.expr, found: str, expected: str, hint: str = "") -> ExpressionError:
        start = self._place(part.lineno, part.col_offset)
        end = self._place(part.end_lineno or part.lineno, part.end_col_offset or part.col_offset + 1)
        return ExpressionError(self.text, start, end, found=found, expected=expected, hint=hint)

    def _place(self, line: int, offset: int) -> int:
        """The character at a line and an offset in bytes of the text in brackets."""
        written = self.text.splitlines(keepends=True)
        if line > len(written):
            return len(self.text)
        offset -= line == 1  # the bracket
        before = written[line - 1].encode()[: max(offset, 0)].decode(errors="ignore")
        return self.starts[line - 1] + len(before)

    def _no_python(self, error: SyntaxError) -> ExpressionError:
        # SyntaxError counts characters from 1, and the bracket is one of them on the first line.
        line, offset = error.lineno or 1, (error.offset or 1) - 1
        if line > len(self.starts) - 1:
            place = len(self.text)
        else:
            place = self.starts[line - 1] + max(offset - (line == 1), 0)
        place = min(place, max(len(self.text.rstrip()) - 1, 0))
        rest = self.text[place:]
        expected, hint = "an expression in Python's syntax", ""
        spaced = [name for name in self.vocabulary.columns if not name.isidentifier() and name in self.text]
        if spaced:
            hint = f"a name with spaces or signs in it is written {_spoken(spaced[0])}"
        elif "&&" in self.text or "||" in self.text:
            hint = "write `and` and `or`"
        elif "=" in self.text and "invalid syntax" in str(error.msg) + rest:
            hint = "== compares; a feature's name stands before the colon"
        return ExpressionError(
            self.text,
            place,
            place + 1,
            found=f"a text that is no expression ({error.msg})",
            expected=expected,
            hint=hint,
        )


def _first_misfit(options: Sequence[Operation], kinds: Sequence[Kind]) -> tuple[int, list[Kind]]:
    """The first argument that fits nowhere beside those before it, and the kinds that would."""
    fitting = list(options)
    for place, kind in enumerate(kinds):
        wanted = [_takes(each, place) for each in fitting]
        left = [
            each
            for each, want in zip(fitting, wanted, strict=True)
            if want is kind or (want is Kind.number and kind is Kind.boolean)
        ]
        if not left:
            return place, wanted
        fitting = left
    return len(kinds) - 1, [_takes(each, len(kinds) - 1) for each in fitting]


def _column_beside(pieces: Sequence[ast.expr], kinds: Sequence[Kind], place: int) -> str:
    """What the column is that doesn't go with the misfit, as a hint."""
    for piece, kind in zip(pieces, kinds, strict=False):
        if isinstance(piece, ast.Name) and piece is not pieces[place] and kind is not kinds[place]:
            return f"`{piece.id}` is {_a(kind)}; `fullcycle contract show` lists types and values"
    return ""


def _takes(operation: Operation, place: int) -> Kind:
    return operation.takes[place] if place < len(operation.takes) else operation.more or operation.takes[-1]


def _a(kind: Kind) -> str:
    return {
        Kind.number: "a number",
        Kind.boolean: "a condition (true or false)",
        Kind.text: "a category",
        Kind.time: "a moment",
        Kind.duration: "a time between two moments",
    }[kind]


def _way_out(kind: Kind, wanted: Sequence[Kind]) -> str:
    if kind is Kind.duration and Kind.number in wanted:
        return "put it into days(...), hours(...), minutes(...) or seconds(...)"
    if kind is Kind.text and Kind.time in wanted:
        return 'a moment is written moment("2024-01-31")'
    if kind is Kind.number and Kind.boolean in wanted:
        return "compare it with something: a > 0"
    return ""


def _spoken(name: str) -> str:
    return name if name.isidentifier() else f'col("{name}")'
