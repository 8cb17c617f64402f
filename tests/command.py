"""The command in a process of its own, as a shell runs it, and two small logs for it to read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OURS = ("GITHUB_", "GITLAB_", "CI_")
"""Variables of a CI system, which a test sets itself or does without."""

HEALTHY = "".join(
    f'{{"level":30,"time":{1764000000000 + i * 700},"pid":41,"hostname":"api-1","reqId":"req-{i}",'
    f'"res":{{"statusCode":200}},"responseTime":3.{i},"msg":"request completed"}}\n'
    for i in range(40)
)


def storm(iterations: int = 60, *, message: str = "cannot load agents", start: int = 1764000000000) -> str:
    """A client that reconnects every 120 ms and is refused each time: pino as fastify configures it."""
    lines = []
    for i in range(iterations):
        head = f'"time":{start + i * 120},"pid":41,"hostname":"api-1","connectionId":"c-{i:04x}","userId":"u-7"'
        lines.append(f'{{"level":30,{head},"msg":"socket opened"}}')
        lines.append(
            f'{{"level":50,{head},"err":{{"type":"Error","message":"connect ECONNREFUSED 127.0.0.1:54321",'
            '"stack":"Error: connect ECONNREFUSED 127.0.0.1:54321\\n'
            '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)",'
            '"code":"ECONNREFUSED"},"msg":' + json.dumps(message) + "}"
        )
    return "\n".join(lines) + "\n"


def floodscan(
    *args: str, stdin: str | bytes = b"", env: dict[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own, as a shell would."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    return subprocess.run(
        [sys.executable, "-m", "floodscan", *args],
        input=data,
        capture_output=True,
        timeout=60,
        env=environment(env),
        cwd=cwd,
    )


def environment(more: dict[str, str] | None = None) -> dict[str, str]:
    ours = {"CI", "NO_COLOR", "FORCE_COLOR", "TERM"}
    clean = {k: v for k, v in os.environ.items() if k not in ours and not k.startswith(OURS)}
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**clean, "PYTHONPATH": path, "TERM": "xterm-256color", **(more or {})}
