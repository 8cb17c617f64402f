"""What the kernel is told: what a value may mean by its key, and which record the lines of one form give.

A key that no JSON decoder names is read by none of them but `ids_of`, which asks for the value's form alone: such values
are cut out of a line, and lines that agree in all the rest give one record but for their ids. Everything else in a line
belongs to its form. Whatever does not fit these words exactly is left to the plain path.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import types
from bisect import insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, NamedTuple

import orjson

from floodscan import decode as decoders
from floodscan.decode import Facts, decode, ids
from floodscan.decode.codes import MARKS as CODE_MARKS
from floodscan.decode.codes import clean_code
from floodscan.decode.details import COMMON, IN_ERRORS, MAX_DETAILS, TEXT_MARKS, details_of, read_text
from floodscan.decode.error_object import TYPED_MESSAGE
from floodscan.decode.error_shape import looks_like_error
from floodscan.decode.error_text import MARKS
from floodscan.decode.errors import NEVER_ERRORS
from floodscan.decode.json_record import PLUMBING
from floodscan.decode.parts import METHODS
from floodscan.decode.times import parse_time
from floodscan.model import ErrorInfo, Record, Signature
from floodscan.profile.sample import names_attempt, rank_of, rank_of_id
from floodscan.profile.signature_profile import LEVEL_RANK
from floodscan.read.frame import may_be_wrapped
from floodscan.shape import masked_digits, settled
from floodscan.signature import is_failure, signature_of

KEEP, LOOSE, NESTED, DETAIL, MESSAGE, PROCESS, TIME, SAID = range(8)
"""What becomes of a value in a line's loose form: part of it, or cut; of a message and of what an error says, the digits.
In the saying form what an error says is kept, in the exact form all but LOOSE, PROCESS and TIME."""
_FORMS: Final = {"skip": 0, "plain": 1, "id": 2, "secret": 3, "url": 4, "server": 4}
NO_ID, IS_TOKEN = (1 << 64) - 1, 1 << 63
"""What `identify` answers beside ranks, which have 63 bits, the lowest 0 for tokens: it then says that it is a JWT."""
JWT, FRACTION = 2, 2
"""The path of JWTs; a number that is not whole."""
LOOSE_FORM, SAYING_FORM, EXACT_FORM = range(3)
NOT_TAKEN, VARIANT, BY_SAYING_FORM, BY_EXACT_FORM = range(4)
DETAILS, SAYINGS, TELLING = 1, 2, 4
"""The forms of a line, what it is by one of them, and what of it is sampled by value, as kernel.c has them."""
NO_PROCESS: Final = 0xFFFFFFFF

_MESSAGE_KEYS: Final = frozenset({"msg", "message"})
_TIME_KEYS: Final = frozenset({"time", "timestamp", "@timestamp", "ts"})
_OF_TEXTS: Final = frozenset(
    "text text_parts error_text klog logfmt prefix winston_text lambda_text pino_pretty levels times odd_times json_text "
    "stack_frames codes ids details".split()
)
"""Modules of `decode` that read texts or single values, and no object by its keys; `ids` and `details`, which read values
under keys of their own, are asked for themselves."""
_READ_BY_PREFIX: Final = ("error.", "@")
"""Of ECS and CLEF."""
_READ_AS_IDS: Final = frozenset({"reqId", "requestId", "traceId", "spanId", "responseTime"})
"""Named by decoders, but only to tell a family by their presence, or to be passed on among the ids."""
_ERRORS: Final = frozenset({"err", "error"})
MESSAGES: Final = "error messages"
"""Stands for the sample of them among the names of details."""
_CUT: Final = (
    (LOOSE, PROCESS, TIME, NESTED, DETAIL, MESSAGE, SAID), (LOOSE, PROCESS, TIME, NESTED, DETAIL, MESSAGE), (LOOSE, PROCESS, TIME)
)  # fmt: skip
"""What is cut from a line, by its form."""
_OTHER_DIGITS: Final = bytes.maketrans(b"0123456789", b"7894561230")
_MAX_FIELDS = 200
_MAX_KEYS = 48
"""Id keys of one signature that the kernel counts."""


Slot = tuple[int, bytes, int, int, int]
"""What varies in a line: path, value, policy, whether a text (or FRACTION), where it begins."""


class Path(NamedTuple):
    """Where a value stands: its dotted key, and whether it is at the top."""

    keys: tuple[str, ...]
    dotted: str
    form: ids.Kind


@dataclass(frozen=True, slots=True)
class Variant:
    """What lines of one form have in common."""

    signature: int
    failure: bool
    hard: bool
    level: int
    family: str
    error: ErrorInfo | None
    details: tuple[tuple[str, str], ...]
    told: frozenset[str]
    """Names of the details that the message tells."""
    told_first: frozenset[str]
    """Names of those that other fields tell, which go before."""


class Learner:
    """Answers the kernel's questions, by the plain path."""

    def __init__(self, facts: Facts, texts: int) -> None:
        self._facts = facts
        self.kernel: Any = None
        self.paths: list[Path] = [Path((), "", "skip"), *2 * [Path(("token",), "token", "skip")]]
        self.details: list[str] = [""]
        """Names of the details that lines are asked for, by their numbers."""
        self.signatures: list[Signature] = []
        self.variants: dict[int, Variant] = {}
        self.cut: set[tuple[int, str]] = set()
        """Signatures, and names of details, of which some that messages told are beyond the sample."""
        self._texts = texts
        self._told: dict[tuple[int, str], list[int]] = {}
        """The smallest ranks of what messages told: their lines went the plain way."""
        self._numbers: dict[Signature, int] = {}
        self._keys: dict[int, set[int]] = {}

    # ------------------------------------------------------------ asked by the kernel

    def tell_path(self, parent: int, key: bytes) -> int:
        """The policies of a new path, packed: for texts, for whole numbers, the form of ids, attempt, whether entered."""
        name = key.decode()
        above = self.paths[parent]
        keys = (*above.keys, name)
        dotted = ".".join(keys)
        form = "skip" if name in ids.PLUMBING else ids.kind_of_key(name)
        text, number, enter = _policy(keys)
        self.paths.append(Path(keys, dotted, form))
        detail = self._detail(COMMON[name]) if text == DETAIL else self._detail(MESSAGES) if text == SAID else 0
        return text | number << 4 | _FORMS[form] << 8 | names_attempt(dotted) << 12 | enter << 13 | detail << 14

    def _detail(self, name: str) -> int:
        if name not in self.details:
            self.details.append(name)
        return self.details.index(name) | (name == "delay_ms") << 7

    def identify(self, path: int, value: bytes, is_text: int, process: int) -> int:
        """The rank of a value as an id; NO_ID where it is none."""
        found = self._id(path, value.decode(), bool(is_text))
        if found is None:
            return NO_ID
        key, name = found
        if key != "token":
            return rank_of_id(key, name, self.process_name(process))
        return rank_of_id(key, name, None) | IS_TOKEN | name.startswith("jwt:")

    def tells(self, variant: int, message: bytes) -> bool:
        """Whether all that a message tells is in the samples of its signature, or beyond them for good."""
        of, known = self.variants.get(variant), True
        facts = read_text(message.decode())
        if of is None or frozenset(name for name, _ in facts) != of.told:
            return False
        for name, value in facts:
            if name not in of.told_first:
                known = self._in_sample(of.signature, name, rank_of(value)) and known
        return known

    def _in_sample(self, signature: int, name: str, rank: int) -> bool:
        ranks = self._told.setdefault((signature, name), [])
        if rank in ranks:
            return True
        if len(ranks) >= self._texts:
            if rank > ranks[-1]:
                self.cut.add((signature, name))
                return True
            ranks.pop()
        insort(ranks, rank)
        return False

    def process_name(self, process: int) -> str | None:
        """The process of a number of the kernel's, as `process_of` prints it."""
        return None if process == NO_PROCESS else _process(self.kernel.process(process))

    def id_text(self, path: int, value: bytes, is_text: int) -> str:
        """The id that a value is, as the record has it."""
        text = value.decode()
        found = self._id(path, text, bool(is_text))
        return text if found is None else found[1]

    def _id(self, path: int, text: str, is_text: bool) -> tuple[str, str] | None:
        of = self.paths[path]
        if not is_text:
            return (of.dotted, text) if of.form == "id" and int(text) > 0 else None
        if len(text) <= 1 and "eyJ" not in text:
            return None
        return ids.id_in_text(of.dotted, text, of.form)

    # ------------------------------------------------------------ learning

    def learn(self, line: bytes, form: int) -> bool:
        """Tells the kernel what lines of this line's form give; False where it has no room."""
        kernel = self.kernel
        kind, variant, visited, by_process = self._known(line, form)
        if variant is None:
            return bool(kernel.put(line, form, kind, 0, 0, 0, 0, 0) >= 0)
        sampled = 0
        if variant.failure and form != EXACT_FORM:
            sampled = DETAILS | (SAYINGS if form == LOOSE_FORM else 0) | (TELLING if variant.told else 0)
        at = kernel.put(line, form, kind, variant.signature, variant.failure, by_process, visited, sampled)
        if at >= 0:
            self.variants[at] = variant
        return bool(at >= 0)

    def _known(self, line: bytes, form: int) -> tuple[int, Variant | None, int, bool]:
        nothing = NOT_TAKEN, None, 0, False
        slots = self.kernel.slots(line)
        text = line.decode()
        if slots is None or may_be_wrapped(text) :
            return nothing
        try:
            obj = orjson.loads(line)
        except orjson.JSONDecodeError:
            return nothing
        if _fields(obj) > _MAX_FIELDS or _fields(obj) != _written_fields(text):
            return nothing  # many keys, or one that stands twice
        records = decode(text, self._facts)
        if len(records) != 1:
            return nothing
        record, visited, expected = records[0], 0, []
        by_path = _visited(obj)
        for number, (path, value, policy, is_text, _) in enumerate(slots):
            if self.paths[path].keys in by_path and policy in (LOOSE, NESTED, DETAIL):
                visited |= 1 << number
                found = None if is_text == FRACTION else self._id(path, value.decode(), bool(is_text))
                if found is not None:
                    expected.append(found)
        names = [self.paths[path].dotted for number, (path, *_) in enumerate(slots) if visited >> number & 1]
        found_names = [name for name, _ in expected]
        if tuple(expected) != record.ids or any(len(set(some)) < len(some) for some in (names, found_names)):
            return nothing
        if not _as_cut(record, obj, slots):
            return nothing
        failure = is_failure(record)
        if form == LOOSE_FORM and any(how == SAID for _, _, how, *_ in slots) and not _says_by_the_way(record.error, obj):
            return BY_SAYING_FORM, None, 0, False
        by_path_of = [(self.paths[path], value, how) for path, value, how, *_ in slots]
        if form != EXACT_FORM and not _loose(record, failure, obj, by_path_of):
            return BY_EXACT_FORM, None, 0, False
        told, told_first = _tellers(record, obj) if failure and form != EXACT_FORM else (frozenset(), frozenset())
        if not self._follows(line, form, record, slots, visited, told - told_first):
            return (NOT_TAKEN if form == EXACT_FORM else BY_EXACT_FORM), None, 0, False
        signature = self._number(signature_of(record))
        keys = self._keys.setdefault(signature, set())
        keys.update(path for number, (path, *_) in enumerate(slots) if visited >> number & 1)
        if len(keys) > _MAX_KEYS:
            return nothing
        level = LEVEL_RANK[record.level]
        hard = failure and (level >= LEVEL_RANK["error"] or record.error is not None or (record.status or 0) >= 400)
        said = (record.error, record.details) if failure else (None, ())
        variant = Variant(signature, failure, hard, level, record.family, *said, told, told_first)
        return VARIANT, variant, visited, record.process is not None

    def _follows(
        self, line: bytes, form: int, record: Record, slots: list[Slot], visited: int, told: frozenset[str]
    ) -> bool:
        """Whether a line of the same form with other values gives the same record but for what was cut from it."""
        other, at, ids, names = b"", 0, [], set(told)
        for number, (path, value, how, is_text, start) in enumerate(slots):
            changed = _another(value, how, is_text, number) if how in _CUT[form] else value
            other += line[at:start] + changed
            at = start + len(value)
            if visited >> number & 1 and is_text != FRACTION:
                found = self._id(path, changed.decode(), bool(is_text))
                ids += [] if found is None else [found]
            if how == DETAIL:
                names.add(COMMON[self.paths[path].keys[-1]])
        other += line[at:]
        records, again = decode(other.decode(), self._facts), self.kernel.slots(other)
        if len(records) != 1 or again is None or records[0].ids != tuple(ids):
            return False
        (again_record,) = records
        if not _as_cut(again_record, orjson.loads(other), again) or (again_record.process is None) != (record.process is None):
            return False
        if any(_what(one) != _what(record) for one in records):
            return False
        if not is_failure(record):
            return True
        left = [tuple(one for one in of.details if one[0] not in names) for of in (record, again_record)]
        return left[0] == left[1] and _but_said(record.error) == _but_said(again_record.error)

    def _number(self, signature: Signature) -> int:
        number = self._numbers.get(signature)
        if number is None:
            number = self._numbers[signature] = len(self.signatures)
            self.signatures.append(signature)
        return number


def _what(record: Record) -> tuple[object, ...]:
    return record.level, record.family, record.logger, record.status, is_failure(record), signature_of(record)


def _but_said(error: ErrorInfo | None) -> ErrorInfo | None:
    return None if error is None else replace(error, message="" if error.message else None)


def _another(value: bytes, how: int, is_text: int, number: int) -> bytes:
    """Another value that the kernel would take in a value's place."""
    if how == TIME:
        return b"2025-02-03T04:05:06.789Z" if is_text else b"1712345678901"
    if how in (MESSAGE, SAID):
        return value.translate(_OTHER_DIGITS)
    if how == KEEP or not value:
        return value
    if is_text == FRACTION:
        return b"70.125"
    if not is_text:
        return b"%d" % (70_001 + number)
    return b"7d1c9f7e-3b52-4c5e-8a90-%012d" % number if how != PROCESS else b"another-host"


def _policy(keys: tuple[str, ...]) -> tuple[int, int, bool]:
    """For texts, for whole numbers, and whether an object is entered."""
    name, top = keys[-1], len(keys) == 1
    if top and name in _TIME_KEYS:
        return TIME, TIME, False
    if top and name in _MESSAGE_KEYS:
        return MESSAGE, KEEP, False
    if top and name in ("pid", "hostname"):
        return (KEEP, PROCESS, False) if name == "pid" else (PROCESS, KEEP, False)
    if name.isdigit() or not name.isascii() or name.startswith(_READ_BY_PREFIX):
        return KEEP, KEEP, False
    if keys[0] in _ERRORS:
        return (KEEP, KEEP, True) if top else (SAID if name == "message" else KEEP, KEEP, False)
    never = name in NEVER_ERRORS
    if name in COMMON and name not in _named():
        return DETAIL, DETAIL, False
    free = name not in _named() or name in _READ_AS_IDS or (name == "id" and not top)
    cut = (LOOSE if top else NESTED) if free else KEEP
    return cut, cut, (free or never) and len(keys) < ids.MAX_DEPTH


@cache
def _named() -> frozenset[str]:
    """Every text in the code of the modules that read objects: among them are the keys that they ask for."""
    found: set[str] = set()
    for info in pkgutil.iter_modules(decoders.__path__):
        if info.name not in _OF_TEXTS:
            module = importlib.import_module(f"{decoders.__name__}.{info.name}")
            hidden = PLUMBING if info.name == "json_record" else NEVER_ERRORS if info.name == "errors" else None
            for value in vars(module).values():
                if isinstance(value, types.FunctionType):
                    found.update(_constants(value.__code__) if value.__module__ == module.__name__ else ())
                elif value is not hidden:
                    found.update(_texts(value, 2))
    return frozenset(found)


def _constants(code: types.CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _constants(constant)
        else:
            yield from _texts(constant, 2)


def _texts(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping) and depth:
        for key, item in value.items():
            yield from _texts(key, depth - 1)
            yield from _texts(item, depth - 1)
    elif isinstance(value, tuple | list | frozenset | set) and depth:
        for item in value:
            yield from _texts(item, depth - 1)


def _fields(value: object) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_fields, value.values()))
    return sum(map(_fields, value)) if isinstance(value, list) else 0


def _written_fields(text: str) -> int:
    """The number of keys that are written in a line of JSON, with those that stand twice."""
    count = 0

    def pairs(items: list[tuple[str, Any]]) -> None:
        nonlocal count
        count += len(items)

    json.loads(text, object_pairs_hook=pairs)
    return count


def _visited(obj: Mapping[str, Any], above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Where `ids_of` looks."""
    found: set[tuple[str, ...]] = set()
    for key, value in obj.items():
        if key in ids.PLUMBING:
            continue
        if type(value) is dict:
            if value and len(above) + 1 < ids.MAX_DEPTH and ids.entered(key, value):
                found |= _visited(value, (*above, key))
        else:
            found.add((*above, key))
    return found


def _process(name: bytes) -> str | None:
    pid, _, host = name.decode().partition("\x01")
    return f"{pid}@{host}" if pid and host else pid or host or None


def _as_cut(record: Record, obj: Mapping[str, Any], slots: list[Slot]) -> bool:
    """Whether the record has the time, the process and the message that were cut from the line, and no others."""
    messages = [name for name in _MESSAGE_KEYS if isinstance(obj.get(name), str)]
    if len(messages) != 1 or record.message != obj[messages[0]] or not record.message:
        return False
    if record.time is None or not record.dated or not record.subsecond or record.service is not None:
        return False
    times = [value for _, value, policy, *_ in slots if policy == TIME]
    if len(times) != 1:
        return False
    instant = parse_time(int(times[0]) if times[0].isdigit() else times[0].decode())
    if instant is None or record.time != instant.ms:
        return False
    pid, host = obj.get("pid"), obj.get("hostname")
    whole = (pid is None or type(pid) is int) and (host is None or isinstance(host, str))
    told = _process(f"{'' if pid is None else pid}\x01{host or ''}".encode()) if whole else None
    if record.process is not None:
        return record.process == told and "process" not in obj
    return True


def _loose(record: Record, failure: bool, obj: Mapping[str, Any], slots: list[tuple[Path, bytes, int]]) -> bool:
    """Whether the record follows from the line's loose form: from no detail, digit or inner value that it leaves out."""
    message, error = record.message, record.error
    if failure and not _separate(record, obj, [(path, value) for path, value, how in slots if how == DETAIL]):
        return False
    inner = {path.keys[0] for path, _, how in slots if how in (NESTED, DETAIL) and len(path.keys) > 1}
    if any(type(obj.get(key)) is dict and _may_be_error(key, obj[key]) for key in inner):
        return False
    if not any(how == MESSAGE for _, _, how in slots):
        return True  # it is kept as it stands
    if masked_digits(message) == message and not any(map(str.isdigit, message)):
        return True
    if not settled(message) or message.endswith("}") or "HTTP/" in message or message.startswith(METHODS):
        return False
    if error is None and any(mark in message for mark in MARKS):
        return False
    if error is None:
        return True
    bare = masked_digits(message.strip().rstrip(" :"))
    if bare in ("", "Error", masked_digits(error.type or "")):
        return False
    return not _stands_in(error.message or "", message)


def _stands_in(said: str, message: str) -> bool:
    said = said.strip()
    return said != "" and masked_digits(said) in masked_digits(message)


def _says_by_the_way(error: ErrorInfo | None, obj: Mapping[str, Any]) -> bool:
    """Whether nothing but the sample of its messages follows from the digits of what an error says."""
    said = [obj[key]["message"] for key in _ERRORS if type(obj.get(key)) is dict and "message" in obj[key]]
    if error is None or len(said) != 1 or error.key not in _ERRORS or error.message != said[0] or error.causes:
        return False
    text = said[0]
    if masked_digits(text) == text and not any(map(str.isdigit, text)):
        return True
    if not (error.type or error.code) or TYPED_MESSAGE.match(text) or any(mark in text for mark in TEXT_MARKS):
        return False
    code = clean_code(obj[error.key].get("code"))
    if any(mark in text for mark in CODE_MARKS) and (code is None or code != error.code or (code.isdigit() and len(code) < 3)):
        return False
    return not (error.stack and any(map(str.isdigit, error.stack.partition("\n")[0])))


def _separate(record: Record, obj: Mapping[str, Any], slots: list[tuple[Path, bytes]]) -> bool:
    """Whether each detail that was cut is one of the record's, by its value alone."""
    told, names = dict(record.details), [COMMON[path.keys[-1]] for path, _ in slots]
    if len(set(names)) < len(names) or len(told) >= MAX_DETAILS or not _told_first(obj).isdisjoint(names):
        return False
    return all(value and told.get(name) == value.decode() for name, (_, value) in zip(names, slots, strict=True))


def _tellers(record: Record, obj: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    """Names of the details that a failure's message tells, and of those that other fields tell, which go before."""
    error = None if record.error is None else replace(record.error, message=None, causes=())
    return (
        frozenset(name for name, _ in read_text(record.message)),
        frozenset(name for name, _ in details_of(obj, error, "")),
    )


def _told_first(obj: Mapping[str, Any]) -> set[str]:
    """Names of details that an error somewhere in a record may tell, which go before the record's own."""
    found: set[str] = set()
    for key, value in obj.items():
        if type(value) is dict and key not in ("req", "request"):
            found |= {IN_ERRORS[name] for name in value if name in IN_ERRORS} | _told_first(value)
    return found


def _may_be_error(key: str, value: Mapping[str, Any]) -> bool:
    return key not in NEVER_ERRORS and looks_like_error(value)
