"""Call sites: the line of the code that logs a message, found by its literal, whatever the language."""

from __future__ import annotations

import functools
import json
import re
import time
from pathlib import Path

import lab
import pytest

from floodscan.code.sites import Code
from floodscan.model import Report, ReportSignature
from floodscan.pipeline import ScanOptions, scan
from floodscan.read.sources import find_sources
from floodscan.reports import json_report
from floodscan.run import render

SOURCE = lab.SAMPLES / "lab"
BACKEND = SOURCE / "backend"
LOGS = lab.samples()


@functools.cache
def report_on(path: Path) -> Report:
    sources, _ = find_sources([str(path)])
    return scan(sources, ScanOptions(code=str(SOURCE))).report


@functools.cache
def lines_of_backend() -> list[tuple[str, int, str]]:
    files = sorted(BACKEND.rglob("*.js"))
    return [
        (path.relative_to(SOURCE).as_posix(), number, line)
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
    ]


def truth_of(signature: ReportSignature) -> set[tuple[str, int]]:
    """Where the backend's source has the message, told by a plain search of its lines: values are left open."""
    text = re.escape(signature.text.partition(": ")[0]).replace(r"\ ", " ")
    pattern = re.compile(r"['`][^'`]*" + re.sub(r"<[a-z]+>", r"[^'`]*", text) + r"[^'`]*['`]")
    return {(file, number) for file, number, line in lines_of_backend() if pattern.search(line)}


def called(signature: ReportSignature) -> set[tuple[str, int | None]]:
    return {(place.file, place.line) for place in signature.locations if place.via == "code"}


@pytest.mark.parametrize("path", LOGS, ids=lab.names(LOGS))
def test_every_message_of_the_lab_has_the_line_that_logs_it_and_no_other(path: Path) -> None:
    known = 0
    for signature in report_on(path).signatures:
        if signature.text.startswith(">"):
            continue  # npm's banner, which the backend prints with one literal of several lines
        truth = truth_of(signature)
        if truth:
            known += 1
            assert called(signature) == truth, signature.text
        elif not signature.text.startswith(("auth API", "rest API")):  # of the stand-in, in two of the forms
            assert called(signature) == set(), signature.text
    assert known >= 6


def place_of(text: str) -> str:
    """`file:line` of the only line of the backend that holds the text."""
    (found,) = [f"{file}:{number}" for file, number, line in lines_of_backend() if text in line]
    return found


@pytest.mark.parametrize("path", LOGS, ids=lab.names(LOGS))
def test_every_finding_of_the_lab_has_the_right_lines_of_its_source(path: Path) -> None:
    """Where the backend logs, its line, and that of each of its stacks; where Fastify or ioredis logs, what is behind it.

    A finding on no line of the log (its clock) has none.
    """
    report = report_on(path)
    known = {signature.id: signature for signature in report.signatures}
    for finding in report.findings:
        lines = [known[id] for id in finding.signatures]
        places = {f"{place.file}:{place.line}" for place in finding.locations}
        assert bool(places) == bool(finding.lines), finding.title
        logged = [{f"{file}:{line}" for file, line in truth_of(line_)} for line_ in lines if truth_of(line_)]
        stacks = {f"{place.file}:{place.line}" for line in lines for place in line.locations if place.via == "stack"}
        if places and (logged or stacks):
            assert all(own & places for own in logged), finding.title
            assert places == stacks.union(*logged), finding.title
        elif places:
            assert places <= behind(lines), finding.title


def behind(lines: list[ReportSignature]) -> set[str]:
    """What a library's lines come from: the route of the request, or where the library is made."""
    found = set()
    for line in lines:
        if "ECONNREFUSED" in line.text:
            found.add(place_of("new Redis("))
        elif line.text == "incoming request":
            found.add(place_of("fastify.get('/ws'"))  # whose URL carries the token
        elif "max retries per request" in line.text or (line.error and line.error.status == 500):
            found.add(place_of("fastify.post('/api/commands'"))  # which waits for Redis
        elif line.error and line.error.status == 503:
            found.add(place_of("fastify.get('/ws'"))  # the only one that answers so
        else:
            assert line.error is not None and line.error.status == 404, line.text  # no route, so Fastify's own answer
            found.add(place_of("= Fastify("))
    return found


def test_the_stacks_of_the_lab_name_files_of_its_source() -> None:
    report = report_on(lab.sample("visible-type-error.jsonl"))
    stacks = {(place.file, place.line) for f in report.findings for place in f.locations if place.via == "stack"}
    thrown = next((f, n) for f, n, line in lines_of_backend() if "agent.capabilities.commands.length" in line)
    assert thrown in stacks
    assert all((SOURCE / file).is_file() for file, _ in stacks)


LANGUAGES = [
    ("a.js", "log.info({ id }, 'Order accepted by gate');\n", "Order accepted by gate", 1),
    (
        "a.ts",
        "log.warn(\n  `Order ${order.id ?? 'none'} of ${user} was refused`,\n);\n",
        "Order 12 of bob was refused",
        2,
    ),
    (
        "b.ts",
        "const re = /[`'\"]/;\nlogger?.error('Order lost: ' + id + ', giving up');\n",
        "Order lost: 7, giving up",
        2,
    ),
    (
        "a.py",
        'log.error(\n    "Order %s could not "\n    "be loaded from %r", id, place)\n',
        "Order 9 could not be loaded from 'x'",
        2,
    ),
    ("b.py", "logging.info(f\"Order {order['id']} was loaded\")  # don't\n", "Order 9 was loaded", 1),
    (
        "A.java",
        'char q = \'"\';\nLOG.error("Order {} could not be saved, retry {}", id, n);\n',
        "Order 8 could not be saved, retry 2",
        2,
    ),
    (
        "B.java",
        'log.warn("Order refused for " + user +\n  " at gate " + gate);\n',
        "Order refused for bob at gate 4",
        1,
    ),
    ("a.go", 'slog.Error("order could not be saved", "err", err)\n', "order could not be saved", 1),
    ("b.go", 'return fmt.Errorf("load order %d from ledger: %w", id, err)\n', "load order 8 from ledger: refused", 1),
    ("a.rb", 'logger.warn "Order #{order.id} is waiting for stock"\n', "Order 8 is waiting for stock", 1),
    ("a.php", "$this->logger->error('Order is not payable: ' . $e->getMessage());\n", "Order is not payable: none", 1),
    ("A.cs", '_logger.LogError(ex, "Order {OrderId} has no lines", id);\n', "Order 17 has no lines", 1),
    (
        "a.rs",
        "fn f<'a>(x: &'a str) {}\nerror!(\"order {} vanished from cache\", id);\n",
        "order 4 vanished from cache",
        2,
    ),
    ("A.kt", 'logger.error { "Order $id was paid twice by ${user.name}" }\n', "Order 4 was paid twice by bob", 1),
    ("a.ex", 'Logger.error("Order #{id} has no owner")\n', "Order 4 has no owner", 1),
    ("a.sh", 'echo "Order queue is stuck again"\n', "Order queue is stuck again", 1),
    ("a.cpp", 'LOG(ERROR) << "Order " << id << " has no price";\n', "Order 4 has no price", 1),
    ("b.js", 'console.error("\\x1b[31mOrder desk is closed\\x1b[0m\\n");\n', "Order desk is closed", 1),
]


@pytest.mark.parametrize(("file", "text", "message", "line"), LANGUAGES, ids=[row[0] for row in LANGUAGES])
def test_a_message_is_found_by_its_literal_in_any_language(
    tmp_path: Path, file: str, text: str, message: str, line: int
) -> None:
    (tmp_path / file).write_text(text)
    assert [(site.path, site.line, site.candidates) for site in Code(str(tmp_path), [message]).find([message])] == [
        (file, line, 1)
    ]


def sites(folder: Path, files: dict[str, str], *said: str, logger: str | None = None) -> list[tuple[str, int, int]]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return [tuple(site) for site in Code(str(folder), said).find(said, logger)]  # type: ignore[misc]


def test_a_logging_call_comes_before_a_table_and_a_test_that_name_the_message(tmp_path: Path) -> None:
    files = {
        "messages.js": "export default { init: 'Could not start the gate' };\n",
        "gate.js": "\nlog.error({ err }, 'Could not start the gate');\n",
        "gate.test.js": "console.log('Could not start the gate');\n",
    }
    assert sites(tmp_path, files, "Could not start the gate") == [("gate.js", 2, 1)]


def test_a_table_of_messages_is_named_where_nothing_logs_the_literal_itself(tmp_path: Path) -> None:
    files = {"messages.js": "\nexport default { init: 'Could not start the gate' };\n"}
    assert sites(tmp_path, files, "Could not start the gate") == [("messages.js", 2, 1)]


def test_of_a_few_places_all_are_named_and_of_many_the_first_with_their_number(tmp_path: Path) -> None:
    few = {f"{i}.js": "log.info('retrying the gate');\n" for i in range(3)}
    assert sites(tmp_path, few, "retrying the gate") == [("0.js", 1, 3), ("1.js", 1, 3), ("2.js", 1, 3)]
    many = {f"{i}.js": "log.info('retrying the gate');\n" for i in range(5)}
    assert sites(tmp_path, many, "retrying the gate") == [("0.js", 1, 5)]


def test_the_loggers_name_settles_between_places(tmp_path: Path) -> None:
    files = {f"src/main/java/acme/{name}.java": 'log.warn("gave up waiting");\n' for name in ("Gate", "Desk", "Store")}
    assert sites(tmp_path, files, "gave up waiting", logger="acme.Desk") == [("src/main/java/acme/Desk.java", 1, 1)]
    assert len(sites(tmp_path, files, "gave up waiting", logger="other")) == 3


def test_a_file_on_the_stack_settles_between_places(tmp_path: Path) -> None:
    for name in ("gate.py", "desk.py"):
        (tmp_path / name).write_text("def f():\n    log.exception('gave up waiting')\n")
    log = tmp_path / "app.log"
    trace = 'Traceback (most recent call last):\n  File "/app/desk.py", line 9, in f\n    f()\nValueError: none\n'
    log.write_text(f"2026-11-23 10:00:00,123 ERROR gave up waiting\n{trace}" * 3)
    sources, _ = find_sources([str(log)])
    (signature,) = scan(sources, ScanOptions(code=str(tmp_path))).report.signatures
    assert [(p.file, p.line, p.via) for p in signature.locations] == [("desk.py", 9, "stack"), ("desk.py", 2, "code")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("log.info('order');\n", "Could not load the order of bob"),  # a word of it, in the midst
        ("log.info('the order of');\n", "Could not load and then lost the order of the gate"),  # too little of it
        ("const column = 'request';\n", "incoming request"),
        ("log.info('connect');\n", "reconnect"),
        ("// log.info('gate was closed')\n/* 'gate was closed' */\n", "gate was closed"),
        ("log.info(`${a} ${b}`);\n", "gate closed"),
    ],
)
def test_a_literal_that_may_stand_there_by_chance_is_no_call_site(tmp_path: Path, text: str, message: str) -> None:
    assert sites(tmp_path, {"a.js": text}, message) == []


def test_a_literal_must_fit_every_example(tmp_path: Path) -> None:
    files = {"a.js": "log.info('loaded the gate of bob');\n", "b.js": "log.info(`loaded the gate of ${user}`);\n"}
    assert sites(tmp_path, files, "loaded the gate of bob", "loaded the gate of ann") == [("b.js", 1, 1)]


@pytest.mark.parametrize(
    "part", ["/*", "`${", "'''", '"""', "log.info(", "'\\", "/[", "{{", "%(", '"a" + ', "\\(", "=/"]
)
@pytest.mark.parametrize("name", ["a.js", "a.py", "a.java", "a.php"])
def test_a_hostile_file_is_read_in_linear_time(tmp_path: Path, part: str, name: str) -> None:
    (tmp_path / name).write_text((part * 20 + "\n") * (300_000 // (20 * len(part) + 1)))
    started = time.monotonic()
    Code(str(tmp_path), ["log info a gate was closed"])
    assert time.monotonic() - started < 10


def test_the_report_holds_paths_and_lines_of_the_code_and_nothing_of_its_text(tmp_path: Path) -> None:
    (tmp_path / "gate.js").write_text("const key = 'hunter2-secret-in-code';\nlog.error('gate was closed', { key });\n")
    log = tmp_path / "gate.jsonl"
    log.write_text('{"level":50,"time":1764000000000,"msg":"gate was closed"}\n' * 30)
    sources, _ = find_sources([str(log)])
    report = scan(sources, ScanOptions(code=str(tmp_path))).report
    for format in ("json", "markdown", "terminal", "html"):
        page = render(report, format, stream=None, no_color=True, width=100).decode()
        assert "hunter2" not in page and "const key" not in page
        assert "gate.js:2" in page or '"file": "gate.js"' in page


def test_a_report_of_before_call_sites_is_still_read() -> None:
    written = json.loads(json_report.render(report_on(lab.sample("healthy.jsonl"))))
    for signature in written["signatures"]:
        del signature["locations"]
    for finding in written["findings"]:
        for place in finding["locations"]:
            del place["candidates"]
    assert all(
        place.candidates == 1 for f in json_report.parse(json.dumps(written).encode()).findings for place in f.locations
    )


def test_a_ci_job_is_pointed_to_the_file_in_its_repository_whatever_the_codes_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "services" / "gate").mkdir(parents=True)
    (tmp_path / "services" / "gate" / "index.js").write_text("log.error('gate was closed');\n")
    log = tmp_path / "gate.jsonl"
    log.write_text('{"level":50,"time":1764000000000,"err":{"code":"GATE_ERROR"},"msg":"gate was closed"}\n' * 30)
    monkeypatch.chdir(tmp_path / "services")
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)
    sources, _ = find_sources([str(log)])
    report = scan(sources, ScanOptions(code="gate")).report
    page = render(report, "github", stream=None, code="gate").decode()
    assert "file=services/gate/index.js,line=1" in page
