"""Stack traces as frames: Node, Java, Python, Go, Ruby, .NET, PHP and Rust, the innermost call first.

A frame is the application's own unless its file or class is known to be a library's or the runtime's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from floodscan.regex import regex
from floodscan.value import frozen

FRAMES: Final = 4
"""Frames of one stack that are kept."""
_SCANNED: Final = 65_536
_LINES: Final = 1_000
_LINE: Final = 1_000
_MESSAGE_LINE: Final = 400
"""Characters of a stack, its lines, the length of one, and of a line of a message in which a place is looked for."""


@frozen
class StackFrame:
    """A call on a stack. `file` is as it was printed, or a Java class's path (`com/acme/Orders.java`)."""

    file: str
    line: int
    function: str | None
    own: bool
    """False where the file is a library's."""
    column: int | None = None
    """From 1, where the runtime prints it: of built code, whose line may be long, it tells the place in the source."""


_PLACE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:()<>\"'*?|][^:()<>\"'*?|]{0,400}\.[A-Za-z]{1,6})"
_PATTERNS: Final = (
    # Java, Kotlin, Scala: `at app//com.acme.Orders$1.run(Orders.java:42) ~[api.jar:1.0]`
    regex(
        r"\s*at (?:[\w.@-]{0,80}//?)?(?P<class>[\w$.]{1,300})\.(?P<function>[\w$<>-]{1,120})"
        r"\((?P<file>[\w$-]{1,120}\.[a-z]{1,6}):(?P<line>\d{1,7})\)",
        needs="at ",
    ),
    # .NET: `at Acme.Orders.Load(Int32 id) in /src/Orders.cs:line 42`
    regex(
        rf"\s*at (?P<function>[^\s(][^(]{{0,300}})\([^)]{{0,400}}\) in {_PLACE}:line (?P<line>\d{{1,7}})", needs=":line "
    ),
    # Node: `at async Orders.load (file:///app/src/orders.js:42:7)`
    regex(
        r"\s*at (?:async |new )*(?P<function>[^()]{1,200}) "
        r"\((?P<file>[^()]{1,400}):(?P<line>\d{1,7}):(?P<column>\d{1,7})\)",
        needs="at ",
    ),
    # Node without a function: `at async file:///app/src/main.js:42:7`; Rust: `at ./src/main.rs:42:7`
    regex(
        r"\s*at (?:async )?(?P<file>[^\s()][^()]{0,400}?):(?P<line>\d{1,7})(?::(?P<column>\d{1,7}))?\s*", needs="at "
    ),
    # Python, an exception group's behind bars, loguru's catching one marked: `> File "/app/orders.py", line 42, in load`
    regex(
        r"[\s|>]*File \"(?P<file>[^\"]{1,400})\", line (?P<line>\d{1,7})(?:, in (?P<function>[^\s]{1,120}))?",
        needs='File "',
    ),
    # Python, as rich draws it: `│ /app/orders.py:42 in load      │`
    regex(rf"\u2502 {_PLACE}:(?P<line>\d{{1,7}}) in (?P<function>\S{{1,120}})\s*\u2502", needs="\u2502"),
    # Go: `\t/app/orders.go:42 +0x1d`, below the line of its function
    regex(
        r"\s+(?P<file>(?:[A-Za-z]:[\\/])?[^\s:]{1,400}\.go):(?P<line>\d{1,7})(?: \+0x[0-9a-f]{1,16})?(?:\s.*)?",
        needs=".go:",
    ),
    # Ruby: `from /app/orders.rb:42:in 'Orders#load'`
    regex(
        rf"\s*(?:\d{{1,4}}: )?(?:from )?{_PLACE}:(?P<line>\d{{1,7}}):in [`'\"](?P<function>[^`'\"]{{1,120}})['\"].*",
        needs=":in ",
    ),
    # PHP: `#3 /var/www/html/src/Orders.php(42): Acme\Orders->load()`
    regex(
        rf"\s*#\d{{1,4}}:? {_PLACE}\((?P<line>\d{{1,7}})\)(?:: (?P<function>[\w\\:>{{}}-]{{1,200}}))?.*", needs="#"
    ),
)
# Where an error says in its own text that it was thrown.
_THROWN: Final = tuple(
    regex(pattern)
    for pattern in (
        r"panicked at (?:'[^'\n]{0,300}', )?(?P<file>[^\s:]{1,300}\.rs):(?P<line>\d{1,7})",
        rf"(?:thrown| in| at) {_PLACE}(?::| on line )(?P<line>\d{{1,7}})\b",  # PHP
    )
)
_PHP_NEAR: Final = regex(r"(?:^|\n)\s*(?:\[stacktrace\]|Stack trace:|#0 )", needs=("[stacktrace]", "Stack trace:", "#0 "))

_GO_FUNCTION: Final = regex(
    r"\s*(?:created by )?(?P<function>[\w./*()\[\]{}·-]{1,200}?)(?:\([^()]*\))?(?: in goroutine \d+)?\s*"
)
_TRACEBACK: Final = "Traceback (most recent call last)"
_EXTENSION: Final = regex(r"\.[A-Za-z]{1,6}\Z")

_LIBRARY_PATHS: Final = regex(
    r"\A/_/|(?:^|/)(?:node_modules|\.pnpm|\.yarn|site-packages|dist-packages|vendor|gems|bundler|\.cargo|rustc|"
    r"pkg/mod|\.m2|\.gradle)/|@v\d|(?:^|/)(?:usr/(?:local/)?lib\d*|usr/(?:local/)?go(?:-[\d.]+)?/src|usr/share)/|"
    r"(?:^|/)(?:go|golang|hostedtoolcache/go)(?:[/-][\d.]+)?(?:/x64|/libexec)?/src/(?:runtime|net|internal|database|text|os|sync|io|reflect)/|"
    r"(?:^|/)lib/(?:python\d|ruby/)|(?:^|/)webpack/(?:runtime|bootstrap)"
)
_RUNTIME_PATHS: Final = regex(
    r"node:|bun:|ext:|internal/|deno:|native\b|<|evalmachine|webpack/(?:runtime|bootstrap)|\["
)
_BARE_RUNTIME: Final = frozenset(
    "module.js events.js net.js _stream_readable.js bootstrap_node.js timers.js next_tick.js loader.js".split()
)
_RUNTIME_CLASSES: Final = ("java.", "javax.", "jdk.", "sun.", "com.sun.", "kotlin.", "scala.", "groovy.lang.")
_LIBRARY_CLASSES: Final = (
    "jakarta.", "kotlinx.", "groovy.", "android.", "androidx.", "org.springframework.", "org.apache.", "org.hibernate.",
    "org.eclipse.", "org.jboss.", "org.postgresql.", "org.mariadb.", "org.h2.", "org.mongodb.", "org.bson.", "org.slf4j.",
    "org.codehaus.", "org.glassfish.", "org.junit.", "org.mockito.", "org.quartz.", "org.redisson.", "org.jooq.",
    "org.thymeleaf.", "org.flywaydb.", "org.mybatis.", "org.aspectj.", "org.xnio.", "org.wildfly.", "org.keycloak.",
    "com.zaxxer.", "com.mysql.", "com.mongodb.", "com.fasterxml.", "com.google.common.", "com.google.gson.",
    "com.netflix.", "com.rabbitmq.", "com.microsoft.sqlserver.", "com.microsoft.azure.", "com.amazonaws.", "com.datastax.",
    "com.codahale.", "com.typesafe.", "oracle.jdbc.", "software.amazon.", "io.netty.", "io.micrometer.", "io.grpc.",
    "io.lettuce.", "io.vertx.", "io.micronaut.", "io.quarkus.", "io.undertow.", "io.opentelemetry.", "io.github.resilience4j.",
    "io.reactivex.", "io.swagger.", "io.ktor.", "reactor.", "rx.", "akka.", "play.", "okhttp3.", "okio.", "retrofit2.",
    "feign.", "redis.clients.", "ch.qos.logback.", "net.sf.", "net.bytebuddy.", "brave.", "liquibase.", "zipkin2.",
    "Microsoft.", "System.",
)  # fmt: skip
_GENERATED: Final = ("$$", "$Proxy", "GeneratedMethodAccessor", "GeneratedConstructorAccessor")


def frames_of(stack: str) -> tuple[StackFrame, ...]:
    """The application's topmost frames, at most `FRAMES`; where there is none of its own, the libraries' (no runtime's).

    `stack` is a stack trace with or without its message. Frames of inner causes follow those of the error itself;
    of a Python traceback, whose error stands last, the last block counts first and its innermost call is at its end.
    """
    found = list(_frames(stack[:_SCANNED]))
    own = [frame for frame in found if frame.own]
    return tuple(dict.fromkeys(own or found))[:FRAMES]


def _frames(stack: str) -> Iterator[StackFrame]:
    if _TRACEBACK in stack or stack.lstrip().startswith('File "'):
        for block in reversed(stack.split(_TRACEBACK)):
            yield from reversed(list(_in_lines(block)))
        return
    first = stack.find("\n#0 ")
    if first >= 0 or "panicked at " in stack or _PHP_NEAR.search(stack):
        yield from _thrown(stack if first < 0 else stack[:first])
    yield from _in_lines(stack)


def _thrown(text: str) -> Iterator[StackFrame]:
    for pattern in _THROWN:
        match = pattern.search(text[: _MESSAGE_LINE * 4])
        if match is not None:
            yield from _frame(match["file"], match["line"], None)


def _in_lines(stack: str) -> Iterator[StackFrame]:
    before = ""
    for line in stack.split("\n", _LINES)[:_LINES]:
        line = line[:_LINE].rstrip("\r")
        for pattern in _PATTERNS:
            match = pattern.match(line)
            if match is None:
                continue
            found = match.groupdict()
            function = found.get("function")
            if function is None and found["file"].endswith(".go"):
                above = _GO_FUNCTION.fullmatch(before)
                function = above["function"] if above else None
            if found.get("class"):
                yield from _java(found["class"], str(function), found["file"], found["line"])
            else:
                column = found.get("column")
                yield from _frame(found["file"], found["line"], function, int(column) if column else None)
            break
        before = line


def _frame(file: str, line: str, function: str | None, column: int | None = None) -> Iterator[StackFrame]:
    """The frame, unless it is the runtime's."""
    file = file.removeprefix("webpack-internal:///").removeprefix("file://")
    path = file.replace("\\", "/")
    if _RUNTIME_PATHS.match(path) or path in _BARE_RUNTIME or not _EXTENSION.search(path) or line == "0":
        return
    own = not _LIBRARY_PATHS.search(path) and not (function or "").startswith(("Microsoft.", "System."))
    yield StackFrame(file, int(line), function.strip() if function else None, own, column)


def _java(name: str, function: str, file: str, line: str) -> Iterator[StackFrame]:
    """A Java frame names a class and a bare file: the class's package is the folder."""
    if name.startswith(_RUNTIME_CLASSES) or any(part in name for part in _GENERATED):
        return
    package, _, cls = name.rpartition(".")
    while package.rpartition(".")[2][:1].isupper():  # an inner class, as Kotlin and Scala may print it
        package, _, cls = package.rpartition(".")
    folder = package.replace(".", "/")
    shown = f"{cls.partition('$')[0]}.{function}"
    yield StackFrame(f"{folder}/{file}" if folder else file, int(line), shown, not name.startswith(_LIBRARY_CLASSES))
