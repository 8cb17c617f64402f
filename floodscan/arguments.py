"""Arguments of the command line that say in `--help` what they are, as its options do."""

from __future__ import annotations

from typing import Any

import click


class Argument(click.Argument):
    """An argument with a text of its own: Click has them since 8.5 only."""

    def __init__(self, *args: Any, explained: str, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.explained = explained

    def make_metavar(self, *args: Any, **settings: Any) -> str:
        name = self.human_readable_name
        return f"{name if self.required else f'[{name}]'}{'...' if self.nargs == -1 else ''}"


class Command(click.Command):
    """A command whose help begins with its arguments."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(a.human_readable_name, a.explained) for a in self.params if isinstance(a, Argument) and a.explained]
        if rows:
            with formatter.section("Arguments"):
                formatter.write_dl(rows)
        super().format_options(ctx, formatter)
