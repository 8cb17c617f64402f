"""The page docs/rules.md: everything that the rules and the detectors say of themselves. tests/refresh_readme.py writes it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import floodscan.detectors
from floodscan.rules.load import causes, load_rules
from floodscan.rules.rule import Match, Rule, fill

RETRY = {
    "never": "can't heal it",
    "maybe": "may heal it",
    "worse": "makes it worse",
    "-": "is not the question",
}
WHEN = {
    "always": "",
    "retried": ", where it is retried",
    "no-backoff": ", where it is retried without backoff",
    "backs-off": ", where the retry backs off",
}
HEAD = """# What floodscan knows about causes

Made of the rules in `floodscan/rules/` and the detectors in `floodscan/detectors/` by `tests/refresh_readme.py`; a test
compares it with them. `floodscan rules show ID` prints one rule with its sample lines,
[floodscan/rules/README.md](../floodscan/rules/README.md) says how to write one.
"""


def rules_page() -> str:
    """The page as Markdown."""
    rules = load_rules().rules
    return "\n".join([HEAD, *_causes(rules), *(line for rule in rules for line in _rule(rule)), *_detectors(), ""])


def _causes(rules: tuple[Rule, ...]) -> Iterator[str]:
    yield "## Causes\n\n| cause | | told by |\n|---|---|---|"
    for id, name in causes().items():
        told = [f"[{rule.id}](#{rule.id})" for rule in rules if rule.cause == id]
        told += [f"[{path.stem}](#{path.stem}) (detector)" for path in _files() if f'"{id}"' in path.read_text()]
        yield f"| `{id}` | {name} | {', '.join(told) or 'what no rule knows'} |"
    yield "\n## Rules\n"


def _rule(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}\n\n**{_text(rule.title)}**\n"
    yield f"Cause `{rule.cause}`, layer {rule.layer}; a retry {RETRY[rule.retry]}.\n"
    yield f"{_text(rule.summary)}\n"
    yield "Known by:\n"
    yield from (f"- {_match(match)}" for match in rule.match)
    yield f"\nWhat else looks like it: {_text(rule.looks_like)}\n"
    yield f"What settles it: {_text(rule.probe)}\n"
    for step in rule.remediation:
        where = f" ({', '.join(sorted(step.dependency))})" if step.dependency else ""
        where += WHEN[step.when]
        roles = "" if "root-cause" in step.roles else f", as {', '.join(step.roles)}"
        yield f"- {step.kind}{roles}{where}: {_text(step.step)}"
    yield f"\nSamples: {rule.samples.origin}. References: {', '.join(f'<{url}>' for url in rule.references)}\n"


def _match(match: Match) -> str:
    """`codes A, B; message /pattern/`."""
    keys = {
        "code": sorted(match.codes), "type": sorted(match.types), "status": sorted(map(str, match.status)),
        "message": [one.source for one in match.message], "stack": [one.source for one in match.stack],
        "logger": [one.source for one in match.logger], "dependency": sorted(match.dependency),
        **{name: [one.source for one in patterns] for name, patterns in match.details},
    }  # fmt: skip
    told = "; ".join(f"{name} {', '.join(map(_code, values))}" for name, values in keys.items() if values)
    return f"{told} (for want of better)" if match.fallback else told


def _detectors() -> Iterator[str]:
    yield "## Detectors\n\nWhat codes can't tell, from the structure of a log.\n"
    for path in _files():
        tree = ast.parse(path.read_text())
        yield f"### {path.stem}\n\n{ast.get_docstring(tree)}\n"
        yield from _thresholds(tree)


def _thresholds(tree: ast.Module) -> Iterator[str]:
    """The module's named numbers, each with the text that stands below it."""
    rows = []
    for node, below in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, ast.Assign) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            names = ", ".join(f"`{ast.unparse(target)}`" for target in node.targets)
            said = " ".join(str(below.value.value).split())
            if any(isinstance(one, ast.Constant) and type(one.value) in (int, float) for one in ast.walk(node.value)):
                rows.append(f"- {names} = {ast.unparse(node.value)}: {said}")
    if rows:
        yield "\n".join([*rows, ""])


def _files() -> list[Path]:
    """The detectors' files: every module with a function `detect`."""
    folder = Path(next(iter(floodscan.detectors.__path__)))
    return [path for path in sorted(folder.glob("*.py")) if "\ndef detect(" in path.read_text()]


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _text(text: str) -> str:
    """Our own sentence, with the words that stand where the log is silent; nothing in it is markup but `code`."""
    parts = fill(text, {}).split("`")
    for at in range(0, len(parts), 2):
        for sign in ("\\", "<", "*", "_", "["):
            parts[at] = parts[at].replace(sign, f"\\{sign}")
    return "`".join(parts)
