"""Completion scripts for bash, zsh and fish: plain shell, made from the command line itself, so that TAB runs no Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from typer import Typer

from floodscan.manual import Command, Option, commands

PROGRAM = "floodscan"
FILES = frozenset({"PATH", "FILE", "DIR"})
"""Values that name files: the shell's own completion knows them best."""


def script(shell: str, app: Typer) -> str:
    """The script for `shell`, one of SHELLS, that completes the app's command line."""
    return SHELLS[shell](commands(app))


def values_of(option: Option) -> list[str]:
    """What an option or argument may be, where that is a list."""
    from floodscan.gate.conditions import PLAIN
    from floodscan.reports import RENDERERS
    from floodscan.rules.load import causes, load_rules

    known: dict[str, Callable[[], list[str]]] = {
        "FORMAT": lambda: list(RENDERERS),
        "FORMAT=FILE": lambda: [f"{name}=" for name in RENDERERS],
        "SHELL": lambda: list(SHELLS),
        "WHAT": lambda: [*PLAIN, *(f"cause:{cause}" for cause in causes())],
        "ID": lambda: sorted({rule.id for rule in load_rules().rules} | causes().keys()),
    }
    return known[option.value]() if option.value in known else []


def _bash(found: list[Command]) -> str:
    cases, options, words = [], [], []
    for command in found:
        key = command.name.replace(" ", "/")
        for option in command.options:
            if option.value is None:
                continue
            keys = "|".join(f"{key}:{flag}" for flag in option.flags)
            choices = values_of(option)
            reply = f'COMPREPLY=($(compgen -W "{" ".join(choices)}" -- "$cur"))' if choices else "COMPREPLY=()"
            if option.value == "FORMAT=FILE":
                reply += f'; [[ $cur != *=* ]] || {{ _{PROGRAM}_files "${{cur#*=}}"; COMPREPLY=("${{COMPREPLY[@]/#/${{cur%%=*}}=}}"); }}'
            elif option.value in FILES:
                reply = f'_{PROGRAM}_files "$cur"'
            cases.append(f"    {keys}) {reply}; return ;;")
        flags = " ".join(flag for option in command.options for flag in option.flags)
        options.append(f'    {key}) COMPREPLY=($(compgen -W "{flags}" -- "$cur")); return ;;')
        named = " ".join(value for argument in command.arguments for value in values_of(argument))
        if named:
            words.append(f'    {key}) COMPREPLY=($(compgen -W "{named}" -- "$cur")); return ;;')
    first = " ".join(_first_words(found))
    groups = {name: " ".join(subs) for name, subs in _groups(found).items()}
    inside = "\n".join(f'    {name}) COMPREPLY=($(compgen -W "{subs}" -- "$cur")); return ;;' for name, subs in groups.items())
    nested = " ".join(f'[[ $word == {name} ]] && group=1;' for name in groups)
    return f"""# bash completion for {PROGRAM}; made by `{PROGRAM} completion bash`
_{PROGRAM}() {{
  # bash cuts words at = and :, where COMP_WORDBREAKS has them; here they are whole, and --flag=value is two.
  local line=${{COMP_LINE:0:COMP_POINT}} words=() cur prev flag="" lead command="" group="" word
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  cur=${{words[${{#words[@]}}-1]}} prev=${{words[${{#words[@]}}-2]}}
  if [[ $cur == --*=* ]]; then flag=${{cur%%=*}}= prev=${{cur%%=*}} cur=${{cur#*=}}; fi
  COMPREPLY=()
  _{PROGRAM}_reply
  COMPREPLY=("${{COMPREPLY[@]/#/$flag}}")
  # What stands before the last break is on the line already: a reply is what follows.
  lead=$flag$cur
  [[ $COMP_WORDBREAKS == *:* ]] && word=${{lead##*:}} || word=$lead
  [[ $COMP_WORDBREAKS == *=* ]] && word=${{word##*=}}
  lead=${{lead%"$word"}}
  COMPREPLY=("${{COMPREPLY[@]#"$lead"}}")
  [[ ${{#COMPREPLY[@]}} -ne 1 || ${{COMPREPLY[0]}} != *= ]] || compopt -o nospace 2>/dev/null
}}
_{PROGRAM}_files() {{
  compopt -o filenames 2>/dev/null
  COMPREPLY+=($(compgen -f -- "$1"))
}}
_{PROGRAM}_reply() {{
  for word in "${{words[@]:1:${{#words[@]}}-2}}"; do
    if [[ -n $group ]]; then command+="/$word"; break; fi
    case " {first} " in *" $word "*) command=$word; {nested} [[ -z $group ]] && break ;; esac
  done
  case "${{command:-scan}}:$prev" in
{chr(10).join(cases)}
  esac
  case "$command" in
{inside}
  esac
  if [[ $cur == -* ]]; then
    case "${{command:-scan}}" in
{chr(10).join(options)}
    esac
  fi
  case "$command" in
{chr(10).join(words)}
  esac
  if [[ -z $command && ${{#words[@]}} -eq 2 ]]; then COMPREPLY=($(compgen -W "{first}" -- "$cur")); _{PROGRAM}_files "$cur"; fi
}}
complete -o default -F _{PROGRAM} {PROGRAM}
"""


def _zsh(found: list[Command]) -> str:
    groups = _groups(found)
    summaries = {command.name: command.summary for command in found}
    first = [(name, summaries.get(name, f"The commands {', '.join(groups.get(name, []))}.")) for name in _first_words(found)]
    lines = [f"#compdef {PROGRAM}", f"# zsh completion; made by `{PROGRAM} completion zsh`", f"_{PROGRAM}() {{"]
    lines += ["  local -a named", "  named=(", *(f"    {_quoted(f'{name}:{help}')}" for name, help in first), "  )"]
    lines += [
        "  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then",
        "    _describe command named",
        "    _files",
        "    return",
        "  fi",
        "  local command=$words[2]",
        f"  case $command in {'|'.join(_first_words(found))}) shift words; (( CURRENT-- )) ;; *) command=scan ;; esac",
        "  case $command in",
    ]
    for name, subs in groups.items():
        lines += [f"    {name})", f"      if (( CURRENT == 2 )); then compadd {' '.join(subs)}; return; fi"]
        lines += [f"      command={name}/$words[2]; shift words; (( CURRENT-- )) ;;"]
    lines += ["  esac", "  case $command in"]
    for command in found:
        specs = " ".join(spec for option in command.options for spec in _zsh_option(option))
        arguments = " ".join(_quoted(f"{'*' if a.many else ''}:{a.value}:{_zsh_action(a)}") for a in command.arguments)
        lines.append(f"    {command.name.replace(' ', '/')}) _arguments -S {specs} {arguments} ;;")
    lines += ["  esac", "}", f'if [[ $funcstack[1] == _{PROGRAM} ]]; then _{PROGRAM} "$@"; else compdef _{PROGRAM} {PROGRAM}; fi']
    return "\n".join(lines) + "\n"


def _zsh_option(option: Option) -> Iterator[str]:
    help = option.help.replace("[", r"\[").replace("]", r"\]").replace(":", r"\:")
    others = "" if option.many else f"({' '.join(option.flags)})"
    value = "" if option.value is None else f":{option.value}:{_zsh_action(option)}"
    for flag in option.flags:
        yield _quoted(f"{'*' if option.many else others}{flag}[{help}]{value}")


def _zsh_action(option: Option) -> str:
    choices = values_of(option)
    if choices:
        return f"({' '.join(choice.replace(':', chr(92) + ':') for choice in choices)})"
    return "_files -/" if option.value == "DIR" else "_files" if option.value in FILES else " "


def _fish(found: list[Command]) -> str:
    names = " ".join(_first_words(found))
    lines = [f"# fish completion; made by `{PROGRAM} completion fish`"]
    groups = _groups(found)
    for name in _first_words(found):
        help = next((c.summary for c in found if c.name == name), f"The commands {', '.join(groups.get(name, []))}.")
        lines.append(f"complete -c {PROGRAM} -n 'not __fish_seen_subcommand_from {names}' -a {name} -d {_quoted(help)}")
    for name, subs in groups.items():
        free = f"__fish_seen_subcommand_from {name}; and not __fish_seen_subcommand_from {' '.join(subs)}"
        lines.append(f"complete -c {PROGRAM} -f -n '{free}' -a {_quoted(' '.join(subs))}")
    for command in found:
        where = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in command.name.split())
        for option in command.options:
            flags = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)
            choices = values_of(option)
            value = "" if option.value is None else f" -xa {_quoted(' '.join(choices))}" if choices else " -r"
            lines.append(f"complete -c {PROGRAM} -n '{where}' {flags}{value} -d {_quoted(option.help)}")
        for argument in command.arguments:
            if choices := values_of(argument):
                lines.append(f"complete -c {PROGRAM} -f -n '{where}' -a {_quoted(' '.join(choices))}")
    return "\n".join(lines) + "\n"


def _first_words(found: list[Command]) -> list[str]:
    return list(dict.fromkeys(command.name.split()[0] for command in found))


def _groups(found: list[Command]) -> dict[str, list[str]]:
    """Group -> its commands."""
    out: dict[str, list[str]] = {}
    for command in found:
        group, _, name = command.name.partition(" ")
        if name:
            out.setdefault(group, []).append(name)
    return out


def _quoted(text: str) -> str:
    """One word of a POSIX shell or of fish."""
    return "'" + text.replace("'", "'\\''") + "'"


SHELLS: dict[str, Callable[[list[Command]], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
