"""What the kernel is told: what a value may mean by its key, and which record the lines of one form give.

A key that no JSON decoder names is read by none of them but `ids_of`, which asks for the value's form alone: such values
are cut out of a line, and lines that agree in all the rest give one record but for their ids. Everything else in a line
belongs to its form. Whatever does not fit these words exactly is left to the plain path.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from floodscan.decode import ids
from floodscan.decode.details import COMMON, places_in
from floodscan.decode.json_record import decode_json_many
from floodscan.fast import pretty
from floodscan.fast.policy import (
    DETAIL,
    LOOSE,
    MESSAGE,
    NESTED,
    PROCESS,
    SAID,
    TIME,
    Path,
    Slot,
    policy_of,
)
from floodscan.fast.proof import (
    FRACTION,
    another,
    as_cut,
    but_said,
    fields_in,
    fields_written,
    follows_from_loose,
    identity_of,
    may_vary,
    only_message,
    process_text,
    says_by_the_way,
    tellers,
    visited_by_ids,
)
from floodscan.fast.words import KEPT, PARTS, STEMS, with_others, words_matter_not
from floodscan.memo import Memo
from floodscan.model import ErrorInfo, Record, Signature
from floodscan.profile.coarse import coarse, scene_class
from floodscan.profile.sample import names_attempt, rank_of_id
from floodscan.profile.signature_profile import LEVEL_RANK
from floodscan.read.frame import may_be_wrapped
from floodscan.read.framer import PLAIN, ServiceKey
from floodscan.read.unwrap import unwrapped
from floodscan.signature import is_failure, signature_of
from floodscan.value import frozen

_FORMS: Final = {"skip": 0, "plain": 1, "id": 2, "secret": 3, "url": 4, "server": 4}
NO_ID, IS_TOKEN = (1 << 64) - 1, 1 << 63
"""What `identify` answers beside ranks, which have 63 bits, the lowest 0 for tokens: it then says that it is a JWT."""
JWT: Final = 2
"""The path of JWTs."""
LOOSE_FORM, SAYING_FORM, EXACT_FORM, WORDLESS_FORM, WORDLESS_SAYING_FORM = range(5)
NOT_TAKEN, VARIANT, BY_SAYING_FORM, BY_EXACT_FORM = range(4)
HAS_PROCESS, HAS_LEVEL = 1, 2
DETAILS, SAYINGS, TELLING, WORDLESS = 1, 2, 4, 8
"""The forms of a line, what it is by one of them, and what of it is sampled by value (or that it is by a wordless form),
as kernel/types.h has them."""
NO_PROCESS: Final = 0xFFFFFFFF

MESSAGES: Final = "error messages"
"""Stands for the sample of them among the names of details."""
_BUT_SAID: Final = (LOOSE, PROCESS, TIME, NESTED, DETAIL, MESSAGE)
_CUT: Final = ((*_BUT_SAID, SAID), _BUT_SAID, (LOOSE, PROCESS, TIME), (*_BUT_SAID, SAID), _BUT_SAID)
"""What is cut from a line, by its form."""
DIGIT: Final = b"\x01"
"""Stands for a digit of a carrier's time."""
_PAYLOADS: Final = ('{"a":1}', '{"a b": [1]}', '{"a": "b] c: d | e"}', "{}")
"""A carrier must end before the JSON, whatever that is."""
SIGNATURES: Final = 50_000
"""Signatures that are learnt at most."""
_MEMO_TEXT: Final = 512
"""Longest line (bytes) that is remembered to end a record."""
_MAX_FIELDS = 200
_MAX_KEYS = 48
"""Id keys of one signature that the kernel counts."""


@frozen
class Variant:
    """What lines of one form have in common."""

    signature: int
    failure: bool
    hard: bool
    level: int
    family: str
    error: ErrorInfo | None
    """Without what it says, where that varies."""
    details: tuple[tuple[str, str], ...]
    """Those that do not vary."""
    told: frozenset[str] | None
    """Names of the details that the message tells; None where no digit or id in it can change what it tells."""
    told_first: frozenset[str]
    """Names of those that other fields tell, which go before."""
    lines: int
    dated: bool
    subsecond: bool


class Learner:
    """Answers the kernel's questions, by the plain path: for times without a zone of this offset, samples of so many texts."""

    def __init__(self, utc_offset_ms: int, texts: int) -> None:
        self._utc_offset_ms = utc_offset_ms
        self.kernel: Any = None
        self.paths: list[Path] = [Path((), "", "skip"), *2 * [Path(("token",), "token", "skip")]]
        self.details: list[str] = [""]
        """Names of the details that lines are asked for, by their numbers."""
        self.signatures: list[Signature] = []
        self.coarseness = 0
        """From which on signatures are told apart: above 0 there are the wordless forms."""
        self.variants: dict[int, Variant] = {}
        self.services: list[ServiceKey] = [PLAIN]
        """Of carriers, by their numbers."""
        self._ends: Memo[tuple[bytes, int], bool] = Memo()
        """Whether lines end a record before them."""
        self._numbers: dict[Signature | tuple[Signature, str], int] = {}
        self._keys: dict[int, set[int]] = {}

    def renew(self) -> bool:
        """Ready for another profile: what is in its samples is not known. Returns whether there is room to learn more."""
        return bool(self.kernel.renew()) and len(self.signatures) < SIGNATURES / 2

    def part(self) -> None:
        """Parts with the kernel: each knows the other, and neither would ever be freed."""
        self.kernel = None

    def forget(self, coarseness: int) -> None:
        """Forgets all forms; from now on signatures are told apart at this coarseness."""
        self.kernel.forget()
        self.variants = {}
        self.coarseness = coarseness
        if coarseness:
            self.kernel.cut_words(KEPT, PARTS)

    # ------------------------------------------------------------ asked by the kernel

    def begins(self, line: bytes, below_head: int) -> bool:
        """Whether a line ends a record of pino-pretty before it."""
        key = line, below_head
        known = self._ends.get(key)
        if known is None:
            known = pretty.begins(line, bool(below_head))
            if len(line) <= _MEMO_TEXT:
                self._ends.keep(key, known, len(line))
        return known

    def tell_path(self, parent: int, key: bytes) -> int:
        """The policies of a new path, packed: for texts, for whole numbers, the form of ids, attempt, whether entered."""
        name = key.decode()
        above = self.paths[parent]
        keys = (*above.keys, name)
        dotted = ".".join(keys)
        form = "skip" if name in ids.PLUMBING else ids.kind_of_key(name)
        text, number, enter = policy_of(keys)
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

    def tells(self, variant: int, message: bytes) -> list[tuple[int, int, int, int, int, int]] | None:
        """Where a message tells what is sampled: of each detail its number, its first and last byte, for a delay what
        one of it takes in milliseconds and where its fraction stands. None where it tells others than the variant's.

        Its ASCII digits may be others: what is read of a message goes by their number alone.
        """
        of, text = self.variants.get(variant), message.decode()
        places = places_in(text)
        if of is None or frozenset(place.name for place in places) != of.told:
            return None
        told = []
        for place in places:
            start, end = place.start, max(place.start, place.end)
            if place.scale and not text[start : end].isascii():
                return None
            if place.name not in of.told_first:
                bytes_at = [len(text[:at].encode()) for at in (start, end, *place.fraction)]
                told.append((self._detail(place.name), bytes_at[0], bytes_at[1], place.scale, bytes_at[2], bytes_at[3]))
        return told

    def tell_prefix(self, prefix: bytes, known: bytes) -> int:
        """What stands before JSON: the number of its service, and what its carrier tells; -1 where that does not follow.

        `known` is the prefix as the kernel knows it again: each digit of a time is DIGIT, so they must not matter.
        """
        texts = [prefix, *(known.replace(DIGIT, digit) for digit in (b"0", b"7"))]
        texts.append(known.replace(9 * DIGIT, 7 * DIGIT).replace(DIGIT, b"5"))
        told = set()
        try:
            for text in texts:
                for payload in _PAYLOADS:
                    carried = unwrapped(text.decode() + payload)
                    if carried.text != payload or carried.part == "more":
                        return -1
                    told.add((carried.service, carried.stream, carried.process, carried.severity is not None))
        except UnicodeDecodeError:
            return -1
        if len(told) != 1:
            return -1
        ((service, stream, process, severity),) = told
        if (service, stream) not in self.services:
            self.services.append((service, stream))
        return self.services.index((service, stream)) << 2 | (process is not None) | severity << 1

    def process_name(self, process: int) -> str | None:
        """The process of a number of the kernel's, as `process_of` prints it."""
        return None if process == NO_PROCESS else process_text(self.kernel.process(process))

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
        kind, variant, visited, has = self._known(line, form)
        if variant is None:
            return bool(kernel.put(line, form, kind, 0, 0, 0, 0, 0) >= 0)
        sampled = 0
        if variant.failure and form != EXACT_FORM:
            sampled = DETAILS | SAYINGS * (SAID in _CUT[form]) | TELLING * (variant.told is not None)
        sampled |= WORDLESS * (form >= WORDLESS_FORM)
        at = kernel.put(line, form, kind, variant.signature, variant.failure, has, visited, sampled)
        if at >= 0:
            self.variants[at] = variant
        return bool(at >= 0)

    def _known(self, line: bytes, form: int) -> tuple[int, Variant | None, int, int]:
        nothing = NOT_TAKEN, None, 0, 0
        walked, told_by = self.kernel.slots(line), self._read_plainly(line)
        if walked is None or told_by is None:
            return nothing
        (time, slots), (record, obj, message), visited, expected = walked, told_by, 0, []
        by_path = visited_by_ids(obj)
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
        if not as_cut(record, obj, message, time, slots):
            return nothing
        failure = is_failure(record)
        if (
            form in (LOOSE_FORM, WORDLESS_FORM)
            and any(how == SAID for _, _, how, *_ in slots)
            and not says_by_the_way(record.error, obj)
        ):
            return BY_SAYING_FORM, None, 0, 0
        by_path_of = [(self.paths[path], value, how) for path, value, how, *_ in slots]
        if form != EXACT_FORM and not follows_from_loose(record, failure, obj, by_path_of):
            return (NOT_TAKEN if form >= WORDLESS_FORM else BY_EXACT_FORM), None, 0, 0
        if form >= WORDLESS_FORM and not words_matter_not(record, obj):
            return nothing
        told, told_first = tellers(record, obj) if failure and form != EXACT_FORM else (None, frozenset())
        said = [value.decode().strip() for _, value, how, *_ in slots if how == MESSAGE]
        if said != [record.message.strip()]:  # it is kept as it stands, as one with escapes is: what it tells does not vary
            told = None
        varying = {COMMON[self.paths[path].keys[-1]] for path, _, how, *_ in slots if how == DETAIL and how in _CUT[form]}
        varying |= (told or frozenset()) - told_first
        if not self._follows(line, form, record, slots, visited, varying):
            return (BY_EXACT_FORM if form in (LOOSE_FORM, SAYING_FORM) else NOT_TAKEN), None, 0, 0
        signature = self._number(signature_of(record), shared=form >= WORDLESS_FORM)
        keys = self._keys.setdefault(signature, set())
        keys.update(path for number, (path, *_) in enumerate(slots) if visited >> number & 1)
        if len(keys) > _MAX_KEYS:
            return nothing
        level = LEVEL_RANK[record.level]
        hard = failure and (level >= LEVEL_RANK["error"] or record.error is not None or (record.status or 0) >= 400)
        error = record.error if failure else None
        if any(how == SAID and how in _CUT[form] and may_vary(value) for _, value, how, *_ in slots):
            error = but_said(error)
        details = tuple(one for one in record.details if failure and one[0] not in varying)
        variant = Variant(
            signature, failure, hard, level, record.family, error, details, told, told_first,
            1 + line.count(b"\n"), record.dated, record.subsecond,
        )  # fmt: skip
        has = HAS_PROCESS * (record.process is not None) | HAS_LEVEL * (record.level is not None)
        return VARIANT, variant, visited, has

    def _read_plainly(self, line: bytes) -> tuple[Record, Mapping[str, Any], str] | None:
        """The record of a line by the plain path, the object in it, and the message that may be cut from it; None where it
        is not one record, or keys stand twice."""
        text = line.decode()
        if pretty.is_pretty(line):
            told = pretty.read(text, self._utc_offset_ms)
            return None if told is None or fields_in(told[1]) > _MAX_FIELDS else told
        if may_be_wrapped(text):
            return None
        try:
            obj = orjson.loads(line)
        except orjson.JSONDecodeError:
            return None
        if fields_in(obj) > _MAX_FIELDS or fields_in(obj) != fields_written(text):
            return None
        records = decode_json_many(text, utc_offset_ms=self._utc_offset_ms)
        return (records[0], obj, only_message(obj)) if len(records) == 1 else None

    def _follows(
        self, line: bytes, form: int, record: Record, slots: list[Slot], visited: int, varying: set[str]
    ) -> bool:
        """Whether lines of the same form with other values give the same record but for what was cut from it.

        `varying`: the details that are.
        """
        if form < WORDLESS_FORM:
            return self._gives(line, form, record, slots, visited, varying, "")
        return all(self._gives(line, form, record, slots, visited, varying, stem) for stem in STEMS)

    def _gives(
        self, line: bytes, form: int, record: Record, slots: list[Slot], visited: int, varying: set[str], stem: str
    ) -> bool:
        """Whether one such line does; `stem`: of the words that take the place of plain ones."""
        other, at, ids = b"", 0, []
        for number, (path, value, how, is_text, start) in enumerate(slots):
            changed = another(value, how, is_text, number) if how in _CUT[form] else value
            if stem and how == MESSAGE:
                changed = with_others(changed, stem)
            other += line[at:start] + changed
            at = start + len(value)
            if visited >> number & 1 and is_text != FRACTION:
                found = self._id(path, changed.decode(), bool(is_text))
                ids += [] if found is None else [found]
        other += line[at:]
        told, again = self._read_plainly(other), self.kernel.slots(other)
        if told is None or again is None or told[0].ids != tuple(ids):
            return False
        told_again, obj, message = told
        coarseness = self.coarseness if stem else 0
        if not as_cut(told_again, obj, message, *again):
            return False
        if identity_of(told_again, coarseness) != identity_of(record, coarseness):
            return False
        if not is_failure(record):
            return True
        left = [tuple(one for one in of.details if one[0] not in varying) for of in (record, told_again)]
        return left[0] == left[1] and but_said(record.error) == but_said(told_again.error)

    def _number(self, signature: Signature, *, shared: bool) -> int:
        """Of a signature, or of all that are the same at this coarseness and choose scenes alike."""
        key = (coarse(signature, self.coarseness), scene_class(signature)) if shared else signature
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.signatures)
            self.signatures.append(signature)
        return number
