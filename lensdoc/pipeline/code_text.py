"""The text of a module as far as results can depend on it: without comments, docstrings and messages.

A message is what only a reader of an error or a warning sees:

    the arguments of the exception that a `raise` statement makes, and those of `warnings.warn`
    private functions and constants of the module that only messages use, whole
    assignments of a text to a local variable that only messages use

The class of an exception and the condition of a `raise` stay, and so do strings that are handed to other functions. `TOLERANCES`
of a class of records is left out too: it says how records are compared, not what they hold.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

_Place = tuple[int, int]
"""Line and column, in bytes, both from 0."""
_Cut = tuple[_Place, _Place]
_WARN = ast.dump(ast.parse("warnings.warn", mode="eval").body)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def code_of(source: str) -> str:
    """What of the source counts, as text, since every Python unparses and tokenizes a little otherwise.

    Raises:
        SyntaxError: The source is not Python.
        tokenize.TokenError: Likewise.
    """
    tree = ast.parse(source)
    nodes = nodes_of(tree)
    # Strings that stand alone are docstrings, of modules, functions, classes or attributes.
    alone = (node for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    lines = [line.encode() for line in source.split("\n")]  # columns of the tree are bytes
    bounds = (node for node in nodes if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "TOLERANCES")
    cuts = chain(comments(source, nodes), map(_whole, chain(alone, bounds)), _messages(tree, nodes))
    for (first, start), (last, end) in _outermost(cuts):
        lines[first] = lines[first][:start] + lines[last][end:]
        lines[first + 1 : last + 1] = [b""] * (last - first)
    return "\n".join(line.decode().rstrip() for line in lines if line.strip())


def _outermost(cuts: Iterable[_Cut]) -> list[_Cut]:
    """Cuts without those inside others, the last first, so that places before them stay true."""
    found: list[_Cut] = []
    for cut in sorted(cuts, key=lambda cut: (cut[0], (-cut[1][0], -cut[1][1]))):
        if not found or cut[0] >= found[-1][1]:
            found.append(cut)
    return found[::-1]


def nodes_of(tree: ast.AST) -> list[ast.AST]:
    """All nodes of a tree, as `ast.walk` gives them but in another order and several times as fast."""
    found = [tree]
    for node in found:
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                found.append(value)
            elif isinstance(value, list):
                found += [item for item in value if isinstance(item, ast.AST)]
    return found


def comments(source: str, nodes: Iterable[ast.AST]) -> Iterator[_Cut]:
    """Where comments are: from a `#` that is in no string to the end of its line."""
    strings: dict[int, list[tuple[int, int]]] = defaultdict(list)
    lines = source.split("\n")
    for node in nodes:
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
            first, last = node.lineno, node.end_lineno or node.lineno
            if first == last:
                strings[first].append((node.col_offset, node.end_col_offset or 0))
            elif any("#" in line for line in lines[first - 1 : last]):
                yield from _comments_by_tokens(source)  # it may stand in the string, or between two of its parts
                return
    for number, line in enumerate(lines, 1):
        if "#" in line:
            content = line.encode()
            places = (place for place, byte in enumerate(content) if byte == ord("#"))
            inside = strings[number]
            start = next((p for p in places if not any(begin < p < end for begin, end in inside)), None)
            if start is not None:
                yield (number - 1, start), (number - 1, len(content))


def _comments_by_tokens(source: str) -> Iterator[_Cut]:
    lines = source.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            line = token.start[0] - 1
            yield (line, len(lines[line][: token.start[1]].encode())), (line, len(lines[line].encode()))


def _messages(tree: ast.Module, nodes: list[ast.AST]) -> Iterator[_Cut]:
    calls = [call for node in nodes for call in _calls_of_messages(node)]
    yield from ((_end(call.func), _end(call)) for call in calls)
    messages = {node for call in calls for part in (*call.args, *call.keywords) for node in nodes_of(part)}
    for part in _only_in_messages(tree, nodes, messages):
        yield _whole(part)
    for function in (node for node in nodes if isinstance(node, _Function) and any(_is_in(call, node) for call in calls)):
        yield from map(_whole, _texts_for_messages(function, messages))


def _calls_of_messages(node: ast.AST) -> Iterator[ast.Call]:
    """The calls in a statement or expression whose arguments are a message."""
    if isinstance(node, ast.Raise):
        choices = [node.exc]
        while choices:
            choice = choices.pop()
            if isinstance(choice, ast.IfExp):
                choices += [choice.body, choice.orelse]
            elif isinstance(choice, ast.Call):
                yield choice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.dump(node.func) == _WARN:
        yield node


def _only_in_messages(tree: ast.Module, nodes: Iterable[ast.AST], messages: set[ast.AST]) -> Iterator[ast.stmt]:
    """Private functions and constants that only messages use, or others of these; `messages` takes what is within them."""
    uses = _uses(nodes)
    private = {name: part for part in tree.body if (name := _name(part)).startswith("_") and name in uses}
    while found := [name for name, part in private.items() if all(use in messages or _is_in(use, part) for use in uses[name])]:
        for part in map(private.pop, found):
            messages.update(nodes_of(part))
            yield part


def _texts_for_messages(function: _Function, messages: set[ast.AST]) -> Iterator[ast.stmt]:
    """Assignments of a text to a local variable that only messages use."""
    nodes = nodes_of(function)
    uses = _uses(nodes)
    for part in nodes:
        if isinstance(part, ast.Assign | ast.AugAssign) and _is_text(part.value) and uses.get(_name(part), {part}) <= messages:
            yield part


def _uses(nodes: Iterable[ast.AST]) -> dict[str, set[ast.expr]]:
    found: dict[str, set[ast.expr]] = defaultdict(set)
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found[node.id].add(node)
    return found


def _name(part: ast.stmt) -> str:
    """What a definition or an assignment to one name binds; empty for anything else."""
    if isinstance(part, _Function):
        return part.name
    targets = part.targets if isinstance(part, ast.Assign) else [part.target] if isinstance(part, ast.AugAssign) else []
    return targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else ""


def _is_text(value: ast.expr) -> bool:
    """Whether it is a string as it stands, an f-string, or one of two such."""
    if isinstance(value, ast.IfExp):
        return _is_text(value.body) and _is_text(value.orelse)
    return isinstance(value, ast.JoinedStr) or (isinstance(value, ast.Constant) and isinstance(value.value, str))


def _is_in(node: ast.expr, part: ast.stmt) -> bool:
    """Whether an expression is a part of a statement."""
    return (part.lineno, part.col_offset) <= (node.lineno, node.col_offset) and _end(node) <= _end(part)


def _whole(part: ast.stmt) -> _Cut:
    decorators = part.decorator_list if isinstance(part, _Function) else []
    first = min((one.lineno for one in decorators), default=part.lineno)
    return (first - 1, part.col_offset), _end(part)


def _end(node: ast.expr | ast.stmt) -> _Place:
    return (node.end_lineno or node.lineno) - 1, node.end_col_offset or node.col_offset
