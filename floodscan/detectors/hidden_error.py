"""An error of which the log shows nothing: a blind spot. States where the cause must lie and what would reveal it."""

from __future__ import annotations

from collections.abc import Iterator

from floodscan.detectors.case import Case, Draft, Failure, Said, Step
from floodscan.durations import duration
from floodscan.loops.loop import FoundLoop
from floodscan.value import frozen

CAUSE = "error-hidden-by-logger"


@frozen
class Pattern:
    """One way to lose an error: what happened, the change that reveals it, and where that is documented."""

    name: str
    why: str
    change: str
    reference: str
    wrap: str = (
        "Make a real Error of whatever a catch block gets before it is logged or thrown on, with `cause` set to the "
        "original, so that no layer can lose it."
    )
    """How the cause survives being caught and thrown on."""


SERIALIZERS = "https://github.com/pinojs/pino-std-serializers#readme"

UNSERIALISED_KEY = Pattern(
    "key without serializer",
    "Pino serialises an Error under the key `err` alone; under `{key}` only its own enumerable fields are printed, and "
    "message and stack are not enumerable",
    "log it as `log.error({{ err: {key} }}, ...)`, or serialise the key once for the whole logger: "
    "`pino({{ serializers: {{ {key}: pino.stdSerializers.err }} }})`, from Pino 8 also `errorKey: '{key}'`",
    SERIALIZERS,
)
NOT_AN_ERROR = Pattern(
    "something that is no Error was thrown",
    "the key `{key}` is serialised, so a real Error would show; what was thrown or rejected is an object without fields",
    "make an Error of what is caught before it is logged: "
    "`const e = caught instanceof Error ? caught : new Error(util.inspect(caught))`",
    SERIALIZERS,
)
HALF_EMPTY = Pattern(
    "half-empty error",
    "only the fields that the application itself put on the error are printed (`{shown}`); message, stack and cause are "
    "not enumerable and are dropped under the key `{key}`",
    "log it as `log.error({{ err: {key} }}, ...)`, or `pino({{ serializers: {{ {key}: pino.stdSerializers.err }} }})`, "
    "and give the error its `cause` when it is wrapped",
    SERIALIZERS,
)
PLACEHOLDER = Pattern(
    "error turned into a placeholder",
    "the error was put into a string (`{shown}`): an object in a template prints as [object Object]",
    "pass the error as an argument of the logger, not inside the message",
    "https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Object/toString",
)
WINSTON = Pattern(
    "winston under a key",
    "winston's `json()` prints an Error under `{key}` as its enumerable fields alone; `format.errors()` treats only an Error "
    "that is itself logged",
    "log the Error itself, `logger.error(err)`, with `winston.format.errors({{ stack: true }})` before `json()`; to keep the "
    "key, copy it in a format of your own: `winston.format((info) => {{ if (info.{key} instanceof Error) info.{key} = "
    "{{ ...info.{key}, message: info.{key}.message, stack: info.{key}.stack }}; return info }})()`",
    "https://github.com/winstonjs/logform#errors",
)
BUNYAN = Pattern(
    "bunyan without a serializer for the key",
    "bunyan serialises an Error under a key only by the logger's `serializers`; under `{key}` its own enumerable fields alone "
    "are printed, and message and stack are not enumerable",
    "`bunyan.createLogger({{ name, serializers: {{ ...bunyan.stdSerializers, {key}: bunyan.stdSerializers.err }} }})`, or pass "
    "the Error itself: `log.error(err, ...)`",
    "https://github.com/trentm/node-bunyan#serializers",
)
STRUCTLOG = Pattern(
    "structlog without the exception",
    "the error stands under `{key}` as what is left of it when it is made a dictionary; structlog prints type, message and "
    "traceback of an exception that is passed as `exc_info`",
    "log it by `log.exception(...)`, or with `exc_info=True`, and have `structlog.processors.dict_tracebacks` before the "
    "renderer",
    "https://www.structlog.org/en/stable/exceptions.html",
    "Raise from what was caught (`raise LoadFailed(...) from error`), so that no layer can lose it.",
)
GO = Pattern(
    "error logged as any value",
    "an error that is logged as any value is marshalled by `encoding/json`, which prints exported fields alone, and most "
    "errors of Go have none: `{key}` is left with `{shown}`",
    "log it by the logger's own way for errors: zap `zap.Error(err)`, zerolog `.Err(err)`, logrus `WithError(err)`, slog "
    '`slog.Any("err", err)` at the top level',
    "https://pkg.go.dev/encoding/json#Marshal",
    'Wrap with `%w` (`fmt.Errorf("load: %w", err)`), so that no layer can lose what was beneath.',
)
UNKNOWN_LOGGER = Pattern(
    "error without text",
    "the logger printed the error under `{key}` without message and stack",
    "log its message and stack, by the logger's own way for errors",
    "https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html",
    "Keep what was caught as the cause of what is thrown on, so that no layer can lose it.",
)


def pattern_of(failure: Failure) -> Pattern:
    """Which way the error was lost, told from the key, the family and what is left of it."""
    opening = failure.profile.opening
    error = opening.error if opening else None
    opacity, key = failure.profile.signature.opacity, error.key if error else "error"
    family = failure.family
    if opacity == "placeholder":
        return PLACEHOLDER
    if family == "winston":
        return WINSTON
    if family == "bunyan":
        return BUNYAN
    if family in ("pino", "pino-pretty"):
        if opacity == "half-empty":
            return HALF_EMPTY
        return NOT_AN_ERROR if key.rpartition(".")[2] == "err" else UNSERIALISED_KEY
    if family in ("structlog", "structlog-console"):
        return STRUCTLOG
    return GO if family in ("zap", "zerolog", "logrus", "slog") else UNKNOWN_LOGGER


def detect(case: Case) -> Iterator[Draft]:
    """One finding for all opaque lines that the same change would reveal; the worst loop's lines lead it."""
    opaque = [f for f in case.failures.values() if f.opaque and f.id not in case.expected]
    order = [m.profile.signature.id for loop in case.loops for m in loop.members]
    order = [*dict.fromkeys(order), *(f.id for f in sorted(opaque, key=lambda f: (-f.profile.count, f.id)))]
    groups: dict[tuple[str, str], list[Failure]] = {}
    for failure in sorted(opaque, key=lambda f: order.index(f.id)):
        groups.setdefault((failure.family, key_of(failure)), []).append(failure)
    for group in groups.values():
        loops = [lp for lp in case.loops if any(lp.member(f.id) for f in group)]
        draft = _draft(group, loops)
        draft.speaks_for.append(_debt(case, opaque))
        yield draft


def _debt(case: Case, opaque: list[Failure]) -> Said:
    """How much of what fails can't be looked into: the share of the failures with an error that say nothing."""
    mute = sum(f.profile.count for f in opaque)
    errors = [f for f in case.failures.values() if f.id not in case.expected and not f.only_status and f.profile.hard]
    whole = max(mute, sum(f.profile.count for f in errors))
    return Said(f"{mute} of {whole} unexpected errors in this log say nothing ({100 * mute / whole:.0f} %)")


def key_of(failure: Failure) -> str:
    """The key that the error was logged under."""
    opening = failure.profile.opening
    key = opening.error.key if opening and opening.error else "error"
    return key.rpartition(".")[2] or "error"


def _draft(group: list[Failure], loops: list[FoundLoop]) -> Draft:
    loop = loops[0] if loops else None
    first = next((f for f in group if loop is not None and f.profile is loop.anchor), group[0])
    pattern = pattern_of(first)
    opening = first.profile.opening
    error = opening.error if opening else None
    key = key_of(first)
    code = first.profile.signature.code
    shown = f"code {code}" if code else (error.message if error and error.message else "{}")
    whole = first.profile.signature.opacity != "half-empty"
    count = sum(f.profile.count for f in group)
    what = "The cause" if whole else f"What lies beneath {code or 'it'}"
    draft = Draft(
        rule="error-hidden-by-logger",
        cause=CAUSE,
        role="blind-spot",
        confidence="hidden",
        title=f"{what} of `{first.name}` is not in the log: `{key}: {_left(first)}`",
        summary=f"{count} {'error was' if count == 1 else 'errors were'} logged without message and stack ({pattern.name}). "
        "What follows from them can't be known before they are printed.",
        signatures=[f.id for f in group],
        loops=loops,
        references=(pattern.reference,),
    )
    draft.speaks_for = [
        Said(f"`{f.name}` prints `{key}: {_left(f)}`", f.id, f.profile.opening, f.profile.count) for f in group
    ]
    draft.speaks_for.append(Said(pattern.why.format(key=key, shown=shown)))
    if loop is not None:
        draft.speaks_for += _where(loop, first)
    draft.probe = f"Print the error once, as below: the next `{first.name}` names its cause."
    draft.remedy = [
        Step("serialise-error", "fix", _sentence(pattern.change.format(key=key))),
        Step("normalise-caught", "fix", pattern.wrap),
    ]
    return draft


def _left(failure: Failure) -> str:
    """What is left of the error in the line."""
    code, opening = failure.profile.signature.code, failure.profile.opening
    if code:
        return f'{{"code":"{code}", ...}}'
    error = opening.error if opening else None
    return error.message if error and error.message else "{}"


def _where(loop: FoundLoop, failure: Failure) -> list[Said]:
    """The last line of the iteration that did print, and how far before the failure."""
    own = loop.member(failure.id)
    before = [m for m in loop.members if own is not None and m.lag < own.lag and m.per_iteration >= 0.9]
    if own is None or not before:
        return []
    last = before[-1]
    lag = own.lag - last.lag
    unit = duration(round(lag)) if loop.by_time else f"{max(1, round(lag))} lines"
    text = f"it lies between `{last.profile.signature.text}` and `{failure.name}`, {unit} apart in the median iteration"
    return [Said(text, last.profile.signature.id, last.profile.opening, last.profile.count)]


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
