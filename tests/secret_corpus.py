"""Secrets of many kinds, made up in the form of the real ones, and the places of a log in which they turn up."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

RUN = 8
"""Characters of a secret that must not be seen in a row."""
LOWER, ALNUM, HEX = string.ascii_lowercase, string.ascii_letters + string.digits, "0123456789abcdef"
_RNG = random.Random(20)


def _of(alphabet: str, count: int) -> str:
    """`count` characters that stand in no other secret of the corpus."""
    return "".join(_RNG.choices(alphabet, k=count))


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Secret:
    """A kind of secret as software prints it."""

    text: str
    """What stands in the log."""
    own: tuple[str, ...]
    """What of it must not be seen: the text without the part that only tells its kind."""
    encoded: bool = True
    """Whether it can be told from other text once it is in base64."""


def _key(prefix: str, body: str, *, encoded: bool = True) -> Secret:
    return Secret(prefix + body, (body,), encoded)


def _jwt() -> Secret:
    claims = {"iss": "https://abc.supabase.co/auth/v1", "sub": _of(HEX, 32), "exp": 1_761_999_999}
    parts = [_part({"alg": "HS256", "typ": "JWT"}), _part(claims), _of(ALNUM, 43)]
    return Secret(".".join(parts), (parts[1][40:], parts[2]))


def _pem() -> Secret:
    body = "\n".join(_of(ALNUM, 64) for _ in range(4))
    return Secret(f"-----BEGIN {'PRIVATE'} KEY-----\n{body}\n-----END {'PRIVATE'} KEY-----", tuple(body.split("\n")))


def _after(form: str) -> Secret:
    """What no form of its own tells: 18 characters after a flag or a key, in the quotes that the form opens."""
    quote_, body = form[-1] if form[-1] in "\"'" else "", "x7" + _of(ALNUM, 16)
    return Secret(form + body + quote_ + ("]" if "[" in form else ""), (body,))


def _webhook(host: str, *parts: str) -> Secret:
    return Secret(f"https://{host}/{'/'.join(parts)}", parts[-1:], encoded=False)


_AWS_ID, _AWS_SECRET = "AKIA" + _of(string.ascii_uppercase, 16), "aB3/" + _of(ALNUM, 36)
_PASSWORD, _BASIC = _of(ALNUM, 14), base64.b64encode(f"admin:{_of(ALNUM, 15)}".encode()).decode()

KINDS: dict[str, Secret] = {
    "jwt": _jwt(),
    "supabase secret key": _key("sb_" + "secret_", _of(ALNUM, 30)),
    "supabase publishable key": _key("sb_" + "publishable_", _of(ALNUM, 30)),
    "supabase access token": _key("sbp_", _of(HEX, 40)),
    "aws access key id": Secret(_AWS_ID, (_AWS_ID[4:],)),
    "aws secret access key": Secret(f"AWS_SECRET_ACCESS_KEY={_AWS_SECRET}", (_AWS_SECRET,)),
    "github token": _key("ghp_", _of(ALNUM, 36)),
    "github fine-grained token": _key("github_pat_", _of(ALNUM, 22) + "_" + _of(ALNUM, 59)),
    "gitlab token": _key("glpat-", _of(ALNUM, 20)),
    "slack token": _key("xoxb-", f"{_of(string.digits, 12)}-{_of(ALNUM, 24)}"),
    "slack webhook": _webhook("hooks.slack.com", "services", "T01ABCDEF", "B02ABCDEF", _of(ALNUM, 24)),
    "discord webhook": _webhook("discord.com", "api", "webhooks", _of("123456789", 18), _of(ALNUM, 68)),
    "stripe key": _key("sk_" + "live_", _of(ALNUM, 24)),
    "stripe webhook secret": _key("whsec_", _of(ALNUM, 32)),
    "anthropic key": _key("sk-" + "ant-api03-", _of(ALNUM, 40)),
    "openai key": _key("sk-" + "proj-", _of(ALNUM, 40)),
    "google key": _key("AIza", _of(ALNUM, 35)),
    "npm token": _key("npm_", _of(ALNUM, 36)),
    "hugging face token": _key("hf_", _of(string.ascii_letters, 34)),
    "telegram token": _key("123456789:AA", _of(ALNUM, 33)),
    "sendgrid key": _key("SG.", _of(ALNUM, 22) + "." + _of(ALNUM, 43)),
    "vault token": _key("hvs.", _of(ALNUM, 40)),
    "private key": _pem(),
    "password in a url": Secret(f"postgres://app:{_PASSWORD}@db.internal:5432/app", (_PASSWORD,)),
    "password under its key": _key("password=", _of(ALNUM, 16)),
    "cookie": _key("Cookie: sid=", _of(ALNUM, 32)),
    "bearer token": _key("Authorization: Bearer ", _of(ALNUM, 32)),
    "basic credentials": Secret(f"Authorization: Basic {_BASIC}", (_BASIC,)),
    **{f"command line, {form}": _after(form) for form in (
        "--password ", "--token ", "--api-key ", "--secret ", "--passwd=", '"argv":["--password","', "curl -u user:",
        "curl --user user:", "sshpass -p ", "mysql -p", "redis-cli -a ", "docker login -p ", "identified by '",
    )},
    **{f"key, {form}": _after(form) for form in (
        '"dbPass":"', '"oldpass":"', '"jwt":"', '"bearer":"', '"csrf":"', "xsrf=", "sid=", '"sessionId":"', "session=",
        '"licenseKey":"', '"password_hash":"', '"auth":"', "?x=1&sig=", "?x=1&code=",
    )},
    "one-time password": _key("otp=", _of("123456789", 10)),
    "pin": _key('"pin":', _of("123456789", 10)),
    "code of a second factor": _key('"mfaCode":"', _of("123456789", 10)),
    "iban": Secret("DE89370400440532013000", ("370400440532013000",), encoded=False),
    "payment card": Secret("4929 4212 3460 0821", ("4929 4212 3460 0821",), encoded=False),
}

Place = Callable[[str], dict[str, object] | str]
"""A line of a log with the secret somewhere in it: an object for a line of JSON, or the line as it is."""


def _failing(**more: object) -> dict[str, object]:
    error = {"type": "Error", "message": "connect ECONNREFUSED 127.0.0.1:1", "code": "ECONNREFUSED"}
    return {"level": 50, "err": error, "msg": "cannot load", **more}


def _stack(secret: str) -> dict[str, object]:
    at = f"    at connect (/srv/{quote(secret, safe='')}/app.js:3:9)\n    at run (/srv/app/{quote(secret, safe='')}.js:8:1)"
    return _failing(err={"type": "Error", "message": secret, "stack": f"Error: {secret}\n{at}"})


PLACES: dict[str, Place] = {
    "message": lambda s: _failing(msg=f"cannot load with {s}"),
    "plain text": lambda s: f"ERROR cannot load with {s}",
    "escaped json": lambda s: _failing(msg="refused: " + json.dumps({"body": json.dumps({"value": s})})),
    "percent-encoded": lambda s: _failing(msg=f"GET https://api.internal/a?x={quote(s, safe='')}&y=1 refused"),
    "url": lambda s: _failing(req={"method": "GET", "url": f"/callback?value={quote(s, safe='')}&y=1"}),
    "key": lambda s: _failing(**{s: "value", "meta": {s: 1}}),
    "error's message": lambda s: _failing(err={"type": "Error", "message": f"refused: {s}"}),
    "error's code": lambda s: _failing(err={"type": "Error", "message": "refused", "code": s}),
    "error's type": lambda s: _failing(err={"type": s, "message": "refused"}),
    "logger": lambda s: _failing(name=s, component=s),
    "id": lambda s: _failing(userId=s, connectionId=s),
    "id's key": lambda s: _failing(**{f"{s}:id": "a1b2c3d4"}),
    "stack trace": _stack,
    "raw stack trace": lambda s: f"TypeError: bad value {s}\n    at f (/srv/{quote(s, safe='')}/a.js:3:9)",
    "compose service": lambda s: f"{quote(s, safe='')}-1  | Error: cannot load",
    "logfmt": lambda s: f'level=error msg="cannot load" value={json.dumps(s)}',
}


def cut_at(limit: int, inside: int) -> Place:
    """A message with the secret across its character `limit`, `inside` characters of it before that."""
    return lambda s: _failing(msg=("cannot load " + "x y " * limit)[: limit - inside] + " " + s)


LIMITS = (60, 120, 160, 200, 300, 500, 2_000, 4_000)
"""Where texts are clipped, or may be."""
PLACES |= {f"cut at {limit} after {inside}": cut_at(limit, inside) for limit in LIMITS for inside in (9, 20)}


def line(place: str, secret: str, at: int) -> str:
    """The log's line, its end included."""
    made = PLACES[place](secret)
    if isinstance(made, str):
        return made + "\n"
    return json.dumps({"time": 1_764_000_000_000 + at, **made}) + "\n"


def in_base64(secret: str) -> str:
    return base64.b64encode(secret.encode()).decode()


def runs(text: str) -> set[str]:
    """Every run of RUN characters."""
    return {text[at : at + RUN] for at in range(len(text) - RUN + 1)}
