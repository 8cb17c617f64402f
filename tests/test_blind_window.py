"""The blind window: the lines of JS and TS on which an error that the logger hid can have been thrown."""

from __future__ import annotations

import re
from pathlib import Path

import lab
import pytest

from floodscan.code.tree import Tree
from floodscan.code.window import MAX_STATEMENTS, Sources, Statement, statements_between
from floodscan.model import BlindWindow, Report
from floodscan.pipeline import ScanOptions, scan
from floodscan.read.sources import find_sources

SOURCE = lab.SAMPLES / "lab"
HANDLER = "backend/src/websocket/dashboard-handler.js"


def report_on(name: str) -> Report:
    sources, _ = find_sources([str(lab.sample(name))])
    return scan(sources, ScanOptions(code=str(SOURCE))).report


def window_in(report: Report) -> BlindWindow:
    return next(f.blind_window for f in report.findings if f.blind_window is not None)


@pytest.mark.parametrize("name", ["hidden-type-error.jsonl", "hidden-type-error.log"])
def test_the_line_of_the_hidden_type_error_lies_inside_the_window(name: str) -> None:
    shown = report_on("visible-type-error.jsonl")
    thrown = next(p for f in shown.findings for p in f.locations if p.via == "stack" and p.file == HANDLER)
    window = window_in(report_on(name))
    assert f"{thrown.file}:{thrown.line}" in window.statements
    assert window.add.startswith(f"{HANDLER}:")


@pytest.mark.parametrize("path", lab.samples(".jsonl", ".log"), ids=lab.names(lab.samples(".jsonl", ".log")))
def test_a_window_holds_lines_of_the_source_that_ran_before_the_failing_line_was_logged(path: Path) -> None:
    lines = {p.relative_to(SOURCE).as_posix(): p.read_text().splitlines() for p in SOURCE.rglob("backend/**/*.js")}
    for finding in report_on(path.name).findings:
        for statement in finding.blind_window.statements if finding.blind_window else ():
            file, _, number = statement.rpartition(":")
            text = lines[file][int(number) - 1]
            assert "log." not in text or "forLog" in text or re.search(r"log\.\w+\(\{.*\w\.\w", text)
            assert any(sign in text for sign in ("(", ".", "throw ", "await ", "} = "))


def between(folder: Path, files: dict[str, str], caught: str, after: str | None = None) -> list[str]:
    """The texts of the lines in the window; `caught` and `after` are literals that stand once in the files."""
    places = {}
    for name, text in files.items():
        (folder / name).write_text(text)
        places.update({(name, i): line for i, line in enumerate(text.splitlines(), 1)})

    def at(literal: str) -> Statement:
        return next(Statement(name, i) for (name, i), line in places.items() if literal in line)

    tree = Tree(str(folder))
    assert len(list(tree.texts())) == len(files)
    found = statements_between(Sources(tree), at(after) if after else None, at(caught))
    return [places[statement].strip() for statement in found]


HANDLER_TS = """import { load } from './load';
export class Gate {
  async open(user: User): Promise<void> {
    try {
      this.log.info({ user }, 'opening');
      const name = 'gate';
      const orders = await load(user);
      const sums = orders.map((order) => order.lines.total);
      await this.#tell(sums as number[]);
      this.log.info('gate opened');
      await this.celebrate(user);
    } catch (error) {
      this.log.error({ error }, 'gate failed');
    }
  }
  async #tell(sums: number[]) {
    try {
      await post('/tell', sums);
    } catch (error) {
      this.log.debug('not told');
    }
  }
}
"""
LOAD_TS = """export const load = async (user: User) => {
  if (!user.ok) throw new Refused();
  return db.query(user.id);
};
"""


def test_it_goes_from_the_last_printed_line_to_the_one_that_would_have_been_printed_next(tmp_path: Path) -> None:
    files = {"gate.ts": HANDLER_TS, "load.ts": LOAD_TS}
    assert between(tmp_path, files, "'gate failed'", "'opening'") == [
        "const orders = await load(user);",
        "if (!user.ok) throw new Refused();",
        "return db.query(user.id);",
        "const sums = orders.map((order) => order.lines.total);",
        "await this.#tell(sums as number[]);",
    ]


def test_without_a_line_before_it_begins_with_the_try(tmp_path: Path) -> None:
    text = "async function run() {\n  try {\n    first();\n    await second();\n  } catch (e) {\n    console.error('failed', e);\n  }\n}\n"
    assert between(tmp_path, {"a.js": text}, "'failed'") == ["first();", "await second();"]


def test_the_catch_of_a_promise_is_one_too(tmp_path: Path) -> None:
    text = "load(id)\n  .then((order) => order.lines.count)\n  .catch((e) => log.error({ e }, 'failed'));\n"
    assert between(tmp_path, {"a.js": text}, "'failed'") == ["load(id)", ".then((order) => order.lines.count)"]


@pytest.mark.parametrize(
    "text",
    [
        "log.error('failed');\n",
        "function f() { f(); }\ntry { f(); } finally { log.error('failed'); }\n",
        "try { x(); } catch (e) { y(); }\nlog.error('failed');\n",
        "this is (no JavaScript 'failed' {{{\n",
    ],
)
def test_what_is_logged_outside_a_catch_has_no_window(tmp_path: Path, text: str) -> None:
    assert between(tmp_path, {"a.js": text}, "'failed'") == []


def test_functions_that_call_each_other_and_deep_trees_end(tmp_path: Path) -> None:
    text = (
        "function a() { return b(); }\nfunction b() { return a(); }\ntry { a(); } catch (e) { log.error('failed'); }\n"
    )
    assert len(between(tmp_path, {"a.js": text}, "'failed'")) == 3
    deep = f"try {{\n x({'[' * 20_000}{']' * 20_000});\n}} catch (e) {{\n log.error('failed');\n}}\n".replace(
        "[[[[", "[[[[\n"
    )
    assert len(between(tmp_path, {"a.js": deep}, "'failed'")) == 1
    many = "try {\n" + " x();\n" * 500 + "} catch (e) {\n log.error('failed');\n}\n"
    assert len(between(tmp_path, {"a.js": many}, "'failed'")) == 500


def test_a_window_of_many_lines_says_what_it_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text(
        "try {\n" + " x();\n" * 500 + "} catch (e) {\n log.error({ error: e }, 'sync failed');\n}\n"
    )
    log = tmp_path / "a.jsonl"
    log.write_text('{"level":50,"time":1764000000000,"error":{},"msg":"sync failed"}\n' * 5)
    report = scan(find_sources([str(log)])[0], ScanOptions(code=str(tmp_path))).report
    assert len(window_in(report).statements) == MAX_STATEMENTS
    (limit,) = [limit for limit in report.limits if limit.what == "lines of a blind window"]
    assert limit.effect.startswith(f"{500 - MAX_STATEMENTS} more")


READS = """const config = load();
async function sync(rows, user) {
  try {
    const known = [];
    const count = rows.length;
    const { first } = rows;
    for (const row of rows) {
      known.push(row);
    }
    const all = [...rows];
    const copy = { ...rows };
    const safe = rows?.length;
    const more = known.length + config.retries;
    await socket.flush();
  } catch (error) {
    log.error({ error }, 'failed');
  }
}
"""


@pytest.mark.parametrize(("name", "signature"), [("a.js", "rows, user"), ("a.ts", "rows: Row[], user?: User")])
def test_a_plain_read_of_what_may_be_missing_is_in_the_window(tmp_path: Path, name: str, signature: str) -> None:
    """The TypeErrors that `{}` hides most often come without any call: `rows` is undefined."""
    assert between(tmp_path, {name: READS.replace("rows, user", signature)}, "'failed'") == [
        "const count = rows.length;",
        "const { first } = rows;",
        "for (const row of rows) {",
        "known.push(row);",
        "const all = [...rows];",
        "await socket.flush();",
    ]
