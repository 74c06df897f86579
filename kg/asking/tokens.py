"""A SPARQL query cut into tokens: enough to find its prefixes, its form, its variables and its groups.

The query itself is parsed by the SPARQL engine. What is here serves the things an engine does not tell: which prefix is
missing, whether another machine would be asked, and where a parameter has to be put.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from kg.errors import UsageError, did_you_mean

_LOCAL = r"(?:%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]|[\w:\-·])"
_TOKEN = re.compile(
    rf"""(?P<space>\s+|\#[^\n\r]*)
    |(?P<iri><[^<>"{{}}|^`\x00-\x20]*>)
    |(?P<text>\"\"\"(?:\"{{0,2}}(?:[^"\\]|\\.))*\"\"\"|'''(?:'{{0,2}}(?:[^'\\]|\\.))*'''
        |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    |(?P<variable>[?$]\w+)
    |(?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<name>(?:[^\W\d_](?:[\w.\-·]*[\w\-·])?)?:(?:{_LOCAL}(?:(?:{_LOCAL}|\.)*{_LOCAL})?)?|_:[\w.\-]*\w)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<word>[^\W\d]\w*)
    |(?P<mark>\{{\||\|\}}|<<\(?|\)?>>|.)""",
    re.VERBOSE | re.DOTALL,
)
KEYWORDS = frozenset(
    "a true false base prefix version select distinct reduced as construct where describe ask from named "
    "values undef group by having order asc desc limit offset graph service silent optional union minus "
    "filter bind in not exists count sum min max avg sample group_concat separator str lang langmatches "
    "datatype bound iri uri bnode rand abs ceil floor round concat strlen ucase lcase encode_for_uri contains "
    "strstarts strends strbefore strafter year month day hours minutes seconds timezone tz now uuid struuid "
    "md5 sha1 sha256 sha384 sha512 coalesce if strlang strdt sameterm isiri isuri isblank isliteral isnumeric "
    "regex substr replace triple subject predicate object istriple lateral langdir haslang haslangdir "
    "strlangdir reifies adjust".upper().split()
)
"""The words of SPARQL, in capitals."""

_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"}
UPDATE_KEYWORDS = KEYWORDS | _UPDATES | {"DATA", "USING", "INTO", "TO", "DEFAULT", "ALL"}
"""The words of SPARQL and of SPARQL Update, in capitals."""


_OPENING = frozenset({"{", "(", "[", "{|", "<<", "<<("})
_CLOSING = frozenset({"}", ")", "]", "|}", ">>", ")>>"})

MAX_PARTS = 3000
"""The engine ends the process at some 5,000, on a stack of 8 MB."""


@dataclass(frozen=True)
class Token:
    """One token: its kind (a group name of the pattern above), its text, and where it starts in the query."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset behind the token."""
        return self.start + len(self.text)

    def is_word(self, *words: str) -> bool:
        """Whether the token is one of the keywords, given in capitals."""
        return self.kind == "word" and self.text.upper() in words

    @property
    def variable(self) -> str:
        """The name of the variable that the token is, else an empty string."""
        return self.text[1:] if self.kind == "variable" else ""


def cut_tokens(sparql: str) -> tuple[Token, ...]:
    """Return the tokens of a query without white space and comments; nothing is an error here.

    >>> [token.text for token in cut_tokens("ASK { ?p a kg:Paper. } # done")]
    ['ASK', '{', '?p', 'a', 'kg:Paper', '.', '}']
    """
    found = ((match.lastgroup or "", match.group(), match.start()) for match in _TOKEN.finditer(sparql))
    return tuple(Token(*parts) for parts in found if parts[0] != "space")


def find_form(tokens: Iterable[Token]) -> str:
    """Return the first keyword behind the prologue, in capitals: SELECT, ASK, INSERT ...; empty where there is none.

    >>> find_form(cut_tokens("PREFIX a: <http://a> select * {}"))
    'SELECT'
    """
    words = (token for token in tokens if token.kind == "word")
    return next((word.text.upper() for word in words if not word.is_word("PREFIX", "BASE", "VERSION")), "")


def find_unknown_word(sparql: str, known: Collection[str] = KEYWORDS) -> Token | None:
    """Return the first bare word that is none of SPARQL's, or None.

    >>> find_unknown_word("ASK { ?p ?q ?r FILTR(?r) }").text
    'FILTR'
    """
    words = (token for token in cut_tokens(sparql) if token.kind == "word")
    return next((word for word in words if word.text.upper() not in known), None)


def is_update(tokens: Iterable[Token]) -> bool:
    """Return whether the text is a SPARQL Update, which changes a graph."""
    return find_form(tokens) in _UPDATES


def asks_elsewhere(sparql: str) -> bool:
    r"""Return whether the query has a SERVICE clause, also one that is written with escapes.

    >>> asks_elsewhere("SELECT * { SERVICE <http://h/> { ?s ?p ?o } }")
    True
    >>> asks_elsewhere('SELECT * { ?s kg:service "SERVICE" }')
    False
    """
    plain = re.sub(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})", _unescaped, sparql)
    return any(token.is_word("SERVICE", "LOAD") for text in {sparql, plain} for token in cut_tokens(text))


def _unescaped(match: re.Match[str]) -> str:
    code = int(match.group(1) or match.group(2), 16)
    return chr(code) if code < 0x110000 else match.group()


def point_at(sparql: str, line: int, column: int, why: str) -> str:
    r"""Return a message that shows the line of the query with a caret under the column (both from 1).

    >>> print(point_at("ASK {\n  ?p foo:bar 1 }", 2, 6, "no such prefix"))
    line 2, column 6: no such prefix
        ?p foo:bar 1 }
           ^
    """
    lines = sparql.splitlines() or [""]
    shown = lines[min(line, len(lines)) - 1].replace("\t", " ")
    first = max(0, column - 80)
    part = shown[first : first + 118]
    return f"line {line}, column {column}: {why}\n  {part}\n  {' ' * (column - 1 - first)}^"


def place(sparql: str, offset: int) -> tuple[int, int]:
    r"""Return line and column, both from 1, of an offset.

    >>> place("ASK {\n  ?p", 8)
    (2, 3)
    """
    before = sparql[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def check_prefixes(sparql: str, known: Mapping[str, str]) -> None:
    """Find out whether each prefix of the query is declared in it or is in `known`.

    Raises:
        UsageError: one is not; the message has the place and the nearest known prefix.
    """
    tokens = cut_tokens(sparql)
    declaring = {i + 1 for i, token in enumerate(tokens) if token.is_word("PREFIX")}
    names = {i: token.text.split(":")[0] for i, token in enumerate(tokens) if token.kind == "name"}
    declared = {names[i] for i in declaring if i in names}
    for i, prefix in names.items():
        if i not in declaring and prefix != "_" and prefix not in declared and prefix not in known:
            why = f"the prefix {prefix}: is not known{did_you_mean(prefix, {*known, *declared})}"
            hint = "" if "did you mean" in why else "; declare it with PREFIX"
            raise UsageError(point_at(sparql, *place(sparql, tokens[i].start), why + hint))


def check_size(tokens: Iterable[Token]) -> None:
    """Find out whether the engine can take a query or update: it descends into each part, and a stack has an end.

    Words and operators count, and in data (of VALUES, INSERT DATA, DELETE DATA) brackets that are open at one place.

    Raises:
        UsageError: there are more than `MAX_PARTS`.
    """
    parts = depth = deepest = 0
    data: int | None = None  # the depth at which data began
    coming = False
    for token in tokens:
        coming = coming or token.is_word("VALUES", "DATA")
        if token.kind == "mark" and token.text in _OPENING:
            depth += 1
            if coming and token.text == "{":
                data, coming = (depth if data is None else data), False
        elif token.kind == "mark" and token.text in _CLOSING:
            if depth == data:
                data = None
            depth -= 1
        deepest = max(deepest, depth)
        parts += data is None and token.kind in ("mark", "word") and token.text not in (".", ";", ",")
    if max(parts, deepest) > MAX_PARTS:
        raise UsageError(f"the query has more than {MAX_PARTS:,} brackets, words and operators; ask in several steps")


@dataclass
class Group:
    """One `{ ... }` of a query.

    Attributes:
        kind: "query" for the query itself, "pattern", "select" (around a sub-select), "data" (of VALUES), "template"
            (of CONSTRUCT) or "short" (of CONSTRUCT WHERE, which takes triples only).
        start: the offset behind the opening brace.
        end: the offset of the closing brace.
        variables: the variables that stand in it directly, not in a group inside it.
        where: for "query" and "select": the group behind WHERE.
        header: for "data": the variables in front of the brace.
        in_rows: for "data": whether these stand in parentheses, and so does each row.
    """

    kind: str
    start: int
    end: int = -1
    variables: set[str] = field(default_factory=set)
    where: Group | None = None
    header: tuple[str, ...] = ()
    in_rows: bool = False


def find_groups(sparql: str) -> tuple[Group, ...]:
    """Return the groups of a query in text order, the query itself first.

    >>> [(g.kind, sorted(g.variables)) for g in find_groups("SELECT ?a { ?a ?b 1 { SELECT ?c { ?c ?d ?e } } }")]
    [('query', ['a']), ('pattern', ['a', 'b']), ('select', ['c']), ('pattern', ['c', 'd', 'e'])]
    """
    tokens = cut_tokens(sparql)
    form = find_form(tokens)
    open_groups = [Group("query", 0, len(sparql))]
    groups = [*open_groups]
    leading = form == "CONSTRUCT"
    header: list[str] | None = None
    for i, token in enumerate(tokens):
        if token.is_word("VALUES"):
            header = []
        elif token.variable and header is not None:
            header.append(token.variable)
        elif token.variable:
            open_groups[-1].variables.add(token.variable)
        elif token.text == "{":
            kind = _group_kind(tokens, i, header is not None, leading)
            group, leading = Group(kind, token.end, header=tuple(header or ())), False
            group.in_rows = tokens[i - 1].text == ")"
            above = open_groups[-1]
            above.variables.update(header or ())
            header = None
            leads = above.kind in ("query", "select") and group.kind in ("pattern", "short")
            if leads and above.where is None and not tokens[i - 1].is_word("EXISTS"):
                above.where = group
            groups.append(group)
            open_groups.append(group)
        elif token.text == "}" and len(open_groups) > 1:
            open_groups.pop().end = token.start
    return tuple(groups)


def _group_kind(tokens: tuple[Token, ...], i: int, is_data: bool, leads_construct: bool) -> str:
    if is_data:
        return "data"
    if i and tokens[i - 1].is_word("CONSTRUCT"):
        return "template"
    if i + 1 < len(tokens) and tokens[i + 1].is_word("SELECT"):
        return "select"
    return "short" if leads_construct else "pattern"


def find_variables(sparql: str) -> tuple[str, ...]:
    """Return the names of the variables of a query, sorted, each once.

    >>> find_variables("SELECT ?b { ?a $b 1 }")
    ('a', 'b')
    """
    return tuple(sorted({token.variable for token in cut_tokens(sparql)} - {""}))


def is_ordered(sparql: str) -> bool:
    """Return whether the query itself, not only a sub-select, has an ORDER BY.

    >>> is_ordered("SELECT * { { SELECT ?a { ?a ?b ?c } ORDER BY ?a } }")
    False
    """
    depth, found = 0, False
    for token in cut_tokens(sparql):
        depth += (token.text == "{") - (token.text == "}")
        found = found or (depth == 0 and token.is_word("ORDER"))
    return found
