"""Where the configuration is: floodscan.toml, or [tool.floodscan] in pyproject.toml, found upward."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from floodscan.errors import UsageError
from floodscan.output import why

NAME, PROJECT = "floodscan.toml", "pyproject.toml"
NONE = "none"
"""What `--config` takes for: no configuration."""
LARGEST = 1_048_576
"""Bytes of a configuration: more is a mistake, such as a log."""


def find(option: str | None, start: Path) -> tuple[Path | None, Mapping[str, Any]]:
    """The file in force and its table: the one that `--config` names, else the nearest from `start` upward.

    The search ends at the root of a repository. In one folder floodscan.toml goes before pyproject.toml. Raises
    UsageError for a file that is missing or no TOML.
    """
    if option == NONE:
        return None, {}
    if option is not None:
        path = Path(option)
        table = _read(path)
        return path, _section(table, path) or {} if path.name == PROJECT else table
    for folder in _upward(start):
        if (folder / NAME).is_file():
            return folder / NAME, _read(folder / NAME)
        if (folder / PROJECT).is_file():
            section = _section(_read(folder / PROJECT), folder / PROJECT)
            if section is not None:
                return folder / PROJECT, section
    return None, {}


def rules_in_force(option: str | None, start: Path, given: Sequence[str]) -> tuple[str, ...]:
    """The folders of rules: those that the configuration names, then those given by `--rules`. Raises UsageError."""
    file, table = find(option, start)
    if file is None:
        return tuple(given)
    from floodscan.gate import policy

    return (*policy.settings(table, file, {})["rules"].value, *given)


def _upward(start: Path) -> Iterator[Path]:
    for folder in (start, *start.parents):
        yield folder
        if (folder / ".git").exists():
            return


def _section(table: Mapping[str, Any], path: Path) -> Mapping[str, Any] | None:
    tool = table.get("tool")
    section = tool.get("floodscan") if isinstance(tool, dict) else None
    if section is not None and not isinstance(section, dict):
        raise UsageError(f"{path}: tool.floodscan: a table is expected")
    return section


def _read(path: Path) -> dict[str, Any]:
    import tomllib  # most runs have no configuration

    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise UsageError(f"{path}: too large for a configuration")
        return tomllib.loads(data.decode())
    except OSError as error:
        raise UsageError(f"{path}: {why(error)}", hint=f"--config {NONE} does without") from None
    except (UnicodeDecodeError, RecursionError):
        raise UsageError(f"{path}: not TOML") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    except ValueError:
        raise UsageError(f"{path}: not TOML: a number of more digits than can be read") from None
