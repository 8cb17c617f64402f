"""Which dependency a failure is about: redis, postgres, supabase, ... Knowledge in `data/dependencies.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from floodscan.regex import regex
from floodscan.rules.digest import table
from floodscan.rules.naming import column_of, constraint_of, host_of, kind_of, one_line, port_of, setting_of
from floodscan.rules.view import STACK, FailureView, addresses
from floodscan.value import frozen

WORD = regex(r"[A-Za-z][A-Za-z0-9]{1,30}")
PORT = regex(r":(\d{1,5})$")
BARE = regex(r"(?:'[^'\n]{0,200}'|\"[^\"\n]{0,200}\"|-?\d{1,20})\Z")
"""A message that is a value alone, as Python's `KeyError: 'id'` has it: the error's type says what is wrong with it."""


@frozen
class Dependency:
    """How one dependency gives itself away, the surest first."""

    id: str
    title: str
    types: frozenset[str] = frozenset()
    codes: tuple[str, ...] = ()
    """Codes, or beginnings of codes, that only its clients use."""
    frames: tuple[str, ...] = ()
    """Pieces of paths in stacks: its client library's folder."""
    texts: tuple[str, ...] = ()
    """Texts that only its client or server writes."""
    hosts: tuple[str, ...] = ()
    """Ends of host names."""
    ports: frozenset[int] = frozenset()
    words: frozenset[str] = frozenset()
    """Its name: a hint where there is no address, on which no confidence rests."""


@lru_cache(maxsize=1)
def dependencies() -> tuple[tuple[Dependency, ...], frozenset[str]]:
    """The known dependencies in the order they are asked, and the generic words of codes that point at one."""
    raw = table("dependencies.toml")
    known = tuple(
        Dependency(
            id=entry["id"],
            title=entry["title"],
            types=frozenset(entry.get("types", ())),
            codes=tuple(entry.get("codes", ())),
            frames=tuple(entry.get("frames", ())),
            texts=tuple(entry.get("texts", ())),
            hosts=tuple(entry.get("hosts", ())),
            ports=frozenset(entry.get("ports", ())),
            words=frozenset(entry.get("words", ())),
        )
        for entry in raw["dependency"]
    )
    return known, frozenset(raw["code_words"])


def dependency_of(view: FailureView) -> str | None:
    """The id of the dependency the evidence names, or None.

    Asked in this order: error types, codes, frames of client libraries, texts of clients and servers, host names,
    ports, other failures at the same address; and only where no address is known, the product's name in the message or
    the logger.
    """
    known, _ = dependencies()
    types = {kind.rpartition(".")[2] for kind in (view.type, *(cause[0] for cause in view.causes)) if kind}
    codes = [code for code in (view.code, *(cause[1] for cause in view.causes)) if code]
    texts = list(view.texts())
    stacks = [stack[:STACK].replace("\\", "/") for stack in view.stacks]
    where = [address.lower() for address in addresses(view)] + [url.lower() for url in view.details.get("url", ())]
    ports = {int(hit[1]) for hit in map(PORT.search, where) if hit}
    for it in known:
        if types & it.types or any(code.startswith(it.codes) for code in codes if it.codes):
            return it.id
    for it in known:
        if any(frame in stack for stack in stacks for frame in it.frames):
            return it.id
        if any(piece in text for text in texts + stacks for piece in it.texts):
            return it.id
    for it in known:
        if any(host in place for place in where for host in it.hosts) or ports & it.ports:
            return it.id
    if view.neighbour or where:
        return view.neighbour
    words = {word.lower() for text in (view.logger or "", *texts) for word in WORD.findall(_spaced(text[:400]))}
    return next((it.id for it in known if words & it.words), None)


def _spaced(name: str) -> str:
    """`RedisConnection` as two words."""
    return re.sub(r"([a-z])([A-Z])", r"\1 \2", name)


def title_of(dependency: str | None) -> str | None:
    """How a dependency is written in a report (`Redis`)."""
    return next((it.title for it in dependencies()[0] if it.id == dependency), None)


def looks_like_dependency(code: str | None) -> bool:
    """Whether a generic word in an application's own code (`DATABASE_ERROR`) points at a dependency.

    It only helps to word a sentence: the code says where its author looked, not what went wrong.
    """
    return not dependencies()[1].isdisjoint(re.split(r"[^a-z0-9]", (code or "").lower()))


def facts_of(view: FailureView, code: str | None = None) -> Mapping[str, str]:
    """Values for a rule's placeholders, text of the log as it was read; `message` is one line (`one_line`).

    code: the code the rule matched by, where it is not the error's own.
    """
    details = view.details
    address = next(iter(addresses(view)), None)
    column, table = column_of(view)
    said = one_line(next(iter(view.error_messages or view.message), ""))
    if view.type and BARE.match(said):
        said = f"{view.type.rpartition('.')[2]}: {said}"
    facts = {
        "address": address,
        "code": code or view.code,
        "column": column,
        "constraint": constraint_of(view),
        "dependency": title_of(dependency_of(view)),
        "hint": next(iter(details.get("hint", ())), None),
        "host": host_of(view),
        "kind": kind_of(view),
        "message": said,
        "port": port_of(address) or next(iter(details.get("port", ())), None),
        "setting": setting_of(view),
        "status": str(view.status) if view.status else None,
        "table": table,
        "type": view.type.rpartition(".")[2] if view.type else None,
        "url": next(iter(details.get("url", ())), None),
    }
    return {name: value for name, value in facts.items() if value}
