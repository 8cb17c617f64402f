"""The command line as data, read from the Typer app itself: what the man page and the shell completions are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from typer import Typer

from floodscan import __version__
from floodscan.value import frozen

EXIT_CODES = (
    (0, "nothing at or above what fails the run"),
    (1, "something, as --fail-on or the policy says"),
    (2, "the command line or the configuration can't be used"),
    (3, "an input can't be read, or is empty"),
    (4, "over half of the lines could not be read: do not rely on the report"),
    (70, "a bug of floodscan"),
    (74, "the report could not be written"),
    (130, "interrupted; the report is of what was read"),
    (141, "the reader of the output has gone"),
)
"""The contract with scripts; where several hold, 2, 70, 130, 74, 3, 4, 1, 0 in this order."""


@frozen
class Option:
    """An option or an argument: its flags (none for an argument), the name of its value (none for a switch), its help."""

    flags: tuple[str, ...]
    value: str | None
    help: str
    many: bool = False


@frozen
class Command:
    """A command without its group's name, or `rules list` with it."""

    name: str
    help: str
    """Its first line is a summary."""
    examples: tuple[str, ...]
    arguments: tuple[Option, ...]
    options: tuple[Option, ...]

    @property
    def summary(self) -> str:
        return self.help.partition("\n")[0]


def commands(app: Typer) -> list[Command]:
    """Every command of the app, in the order of `--help`; those of a group under their full names."""
    return list(_walk(typer.main.get_command(app), ""))


def _walk(group: Any, prefix: str) -> Iterator[Command]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _walk(command, f"{prefix}{name} ")
            continue
        shown = [_option(parameter) for parameter in command.params]
        yield Command(
            name=f"{prefix}{name}",
            help=command.help or "",
            examples=tuple(line.strip() for line in (command.epilog or "").splitlines() if line.startswith("  ")),
            arguments=tuple(option for option in shown if not option.flags),
            options=tuple(option for option in shown if option.flags),
        )


def _option(parameter: Any) -> Option:
    argument = parameter.param_type_name == "argument"
    switch = getattr(parameter, "is_flag", False)
    return Option(
        flags=() if argument else tuple(sorted(parameter.opts, key=len)),
        value=None if switch else (parameter.metavar or "N").strip("[]."),
        help=parameter.help or "",
        many=parameter.nargs == -1 or getattr(parameter, "multiple", False),
    )


def man_page(app: Typer) -> str:
    """The man page `floodscan(1)` in roff."""
    found = commands(app)
    parts = [
        f'.TH FLOODSCAN 1 "" "floodscan {__version__}" "User Commands"',
        ".SH NAME",
        r"floodscan \- tell why a log is on fire: its retry loops, root causes, noise and blind spots",
        ".SH SYNOPSIS",
        *(line for command in found for line in _synopsis(command)),
        ".SH DESCRIPTION",
        _text(
            "floodscan reads a backend's log (Pino and other JSON loggers, pino-pretty, plain text, mixed and wrapped), "
            "groups what repeats, finds the retry loops, and prints what caused them, what is noise, what the log hides "
            "and what to do. It asks nobody and changes nothing. With a PATH or a pipe and no command, it is scan."
        ),
        ".SH COMMANDS",
        *(line for command in found for line in _section(command)),
        ".SH EXIT STATUS",
        *(line for code, what in EXIT_CODES for line in (".TP", rf"\fB{code}\fR", _text(what))),
        ".SH ENVIRONMENT",
        ".TP",
        r"\fBNO_COLOR\fR, \fBTERM\fR",
        _text("No colour where NO_COLOR is set, or TERM is dumb."),
        ".TP",
        r"\fBCI\fR",
        _text("Where it is set, --show-ids is refused: output is kept."),
        ".SH FILES",
        ".TP",
        r"\fBfloodscan.toml\fR, \fBpyproject.toml\fR",
        _text("Settings of check: the file itself, or its table [tool.floodscan], found upward from the working directory."),
    ]
    return "\n".join(parts) + "\n"


def _synopsis(command: Command) -> list[str]:
    words = [rf"\fBfloodscan {_escaped(command.name)}\fR", "[OPTIONS]" if command.options else ""]
    words += [rf"[\fI{option.value}\fR]..." if option.many else rf"\fI{option.value}\fR" for option in command.arguments]
    return [" ".join(word for word in words if word), ".br"]


def _section(command: Command) -> Iterator[str]:
    yield f".SS {_escaped(command.name)}"
    yield from (_text(paragraph.replace("\n", " ")) for paragraph in command.help.split("\n\n"))
    for option in (*command.arguments, *command.options):
        if option.flags == ("-h", "--help"):
            continue
        yield ".TP"
        flags = ", ".join(rf"\fB{_escaped(flag)}\fR" for flag in option.flags)
        yield " ".join(part for part in (flags, rf"\fI{option.value}\fR" if option.value else "") if part)
        yield _text(option.help)
    if command.examples:
        yield ".PP"
        yield "Examples:"
        yield ".nf"
        yield from (_text(f"    {example}") for example in command.examples)
        yield ".fi"


def _text(text: str) -> str:
    """Text that no roff request can begin in."""
    escaped = _escaped(text)
    return rf"\&{escaped}" if escaped[:1] in (".", "'") else escaped


def _escaped(text: str) -> str:
    return text.replace("\\", r"\e").replace("-", r"\-")

