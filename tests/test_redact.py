"""`redact` takes secrets out of log text and leaves what diagnoses; tags are named in the order of the report."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linear_time import LINEAR, cost, grows

from floodscan.masks import MASKS
from floodscan.redact import Pseudonyms, Tagger, clip, find_jwts, jwt_facts, redact, redact_value
from floodscan.redact.encoded import replace_encoded
from floodscan.redact.flags import replace_flags
from floodscan.redact.forms import FORMS, replace_pem
from floodscan.redact.jwt import replace_jwts
from floodscan.redact.keyed import replace_keyed
from floodscan.redact.params import replace_params
from floodscan.redact.personal import replace_personal
from floodscan.safe import CLOSE, OPEN, TAG, safe, without_commands


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def token(claims: dict[str, object], **header: object) -> str:
    return f"{part({'alg': 'HS256', 'typ': 'JWT', **header})}.{part(claims)}.c2lnbmF0dXJlc2lnbmF0dXJl"


JWT = token({"iss": "https://abc.supabase.co/auth/v1", "sub": "u-1", "exp": 1_761_999_999}, kid="key-1")

# Made up, in the form of the real ones, and in two pieces: a scanner of this repository shall not take them for keys.
SECRETS = {
    "jwt": JWT,
    "supabase secret key": "sb_" + "secret_dGhpc2lzbm90YXNlY3JldA_x1",
    "supabase publishable key": "sb_" + "publishable_bm90YXNlY3JldGVpdGhlcg",
    "supabase access token": "sbp_" + "0123456789abcdef0123456789abcdef01234567",
    "aws access key": "AKIA" + "QWERTYUIOPASDFGH",
    "aws session key": "ASIA" + "QWERTYUIOPASDFGH",
    "github token": "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789",
    "github server token": "ghs_" + "abcdefghijklmnopqrstuvwxyz0123456789",
    "github fine-grained": "github_pat_" + "11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
    "gitlab token": "glpat-" + "abcdefghij0123456789",
    "slack bot token": "xoxb-" + "123456789012-abcdefghijkl",
    "slack app token": "xapp-" + "1-A012-3456-abcdef",
    "stripe key": "sk_" + "live_abcdefghijklmnop0123",
    "stripe restricted": "rk_" + "live_abcdefghijklmnop0123",
    "anthropic key": "sk-" + "ant-api03-abcdefghijklmnop",
    "openai project key": "sk-" + "proj-abcdefghijklmnop_1234",
    "openai key": "sk-" + "abcdefghijklmnopqrstuvwxyz012345",
    "google key": "AIza" + "SyA-abcdefghijklmnopqrstuvwxyz01234",
    "npm token": "npm_" + "abcdefghijklmnopqrstuvwxyz0123456789",
    "hugging face token": "hf_" + "abcdefghijklmnopqrstuvwxyzABCDEFGH",
    "webhook secret": "whsec_" + "abcdefghijklmnopqrst",
    "aws session token": "IQoJb3JpZ2lu" + "X2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQDx+/AbCdEfGh0123456789",
    "slack webhook": "https://hooks.slack.com/services/" + "T01ABCDEF/B02ABCDEF/abcdefghijklmnopqrstuvwx",
    "slack webhook's path": "/services/" + "T01ABCDEF/B02ABCDEF/abcdefghijklmnopqrstuvwx",
    "discord webhook": "https://discord.com/api/webhooks/" + "123456789012345678/" + "abcDEF-_ghijklmnopqrstuv" * 2,
    "teams webhook": "https://acme.webhook.office.com/webhookb2/"
    + "0c5f5ac7-1c3b@77ab-01/IncomingWebhook/0a1b2c3d4e5f",
    "telegram bot token": "123456789:AA" + "abcdefghijklmnopqrstuvwxyz0123456",
    "telegram url": "https://api.telegram.org/bot" + "123456789:AA" + "abcdefghijklmnopqrstuvwxyz0123456/getMe",
}


def show(text: str) -> str:
    return Tagger().show(redact(text))


WRAPPINGS = {
    "alone": lambda s: s,
    "in a sentence": lambda s: f"rejected {s}, retrying",
    "in json": lambda s: json.dumps({"msg": f"got {s}", "n": 1}),
    "in escaped json": lambda s: json.dumps({"body": json.dumps({"x": s})}),
    "in a url": lambda s: f"GET https://host/path?x={quote(s, safe='')}&y=1",
    "in an encoded url": lambda s: f"next={quote(f'https://host/?x={s}&y=1', safe='')}",
    "as a bearer token": lambda s: f'"authorization":"Bearer {s}"',
    "under a key": lambda s: f"apikey={s} user=7",
    "after a newline escape": lambda s: rf'"text":"key:\n{s}\n"',
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_of_a_known_form_is_gone_wherever_it_stands(kind: str, wrapping: str) -> None:
    secret = SECRETS[kind]
    shown = show(WRAPPINGS[wrapping](secret))
    assert secret not in shown and secret[-12:] not in shown
    assert ":1>" in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"password":"hunter2","user":"x"}', '{"password":"<password:1>","user":"x"}'),
        (r'{"body":"{\"password\":\"hun\\\"ter2\",\"ok\":1}"}', r'{"body":"{\"password\":\"<password:1>\",\"ok\":1}"}'),
        ('{"dbPassword" : "a\\"b c", "n": 1}', '{"dbPassword" : "<password:1>", "n": 1}'),
        ('{"password":123456}', '{"password":<password:1>}'),
        ("level=info token=abc123 secret='a b' n=1", "level=info token=<token:1> secret='<secret:1>' n=1"),
        ("GET /?access_token=abc&refresh_token=def&x=1", "GET /?access_token=<token:1>&refresh_token=<token:2>&x=1"),
        ("next=%2F%3Faccess_token%3Dabcd1234%26s%3D9", "next=%2F%3Faccess_token%3D<token:1>%26s%3D9"),
        ("x --password MyFlagPw99 --verbose", "x --password <password:1> --verbose"),
        ("x --api-key 'my flag key' y", "x --api-key '<api-key:1>' y"),
        ('"argv":["node","--token","MyFlagPw99","-v"]', '"argv":["node","--token","<token:1>","-v"]'),
        ("curl -su bob:MyFlagPw99 https://x.y/z", "curl -su bob:<password:1> https://x.y/z"),
        ("curl --user=bob:MyFlagPw99", "curl --user=bob:<password:1>"),
        ("sshpass -p MyFlagPw99 ssh -p 2222 host", "sshpass -p <password:1> ssh -p 2222 host"),
        ("mysqldump -uroot -pMyFlagPw99 -P 3306 db", "mysqldump -uroot -p<password:1> -P 3306 db"),
        ("redis-cli -h x -a MyFlagPw99 ping", "redis-cli -h x -a <password:1> ping"),
        ("docker login -u me -p MyFlagPw99; docker run -p 8080:80 x", "docker login -u me -p <password:1>; docker run -p 8080:80 x"),
        ("CREATE USER a IDENTIFIED WITH x BY 'it is 99';", "CREATE USER a IDENTIFIED WITH x BY '<password:1>';"),
        ("ALTER ROLE a WITH PASSWORD 'MyFlagPw99'", "ALTER ROLE a WITH PASSWORD '<password:1>'"),
        ('{"dbPass":"hunter22","oldpass":"abc def"}', '{"dbPass":"<password:1>","oldpass":"<password:2>"}'),
        ("{ redisPass: 'hunter22', pin: 4711, n: 1 }", "{ redisPass: '<password:1>', pin: <otp:1>, n: 1 }"),
        ("dbPass=hunter22 otp=123456 n=1", "dbPass=<password:1> otp=<otp:1> n=1"),
        ("GET /cb?sig=abCD%2B12345%3D&code=0123456789abcdef&x=1", "GET /cb?sig=<signature:1>&code=<code:1>&x=1"),
        ('{"auth":"a1b2c3d4e5f60718","jwt":"opaque99x"}', '{"auth":"<auth:1>","jwt":"<token:1>"}'),
        ("x --password Ab<num>cd<id>!ef n", "x --password <password:1> n"),
        ("mysql <id>/I+vfPcn x", "mysql <id><password:1> x"),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer <bearer:1>"),
        ("authorization: Basic dXNlcjpwYXNzd29yZA==", "authorization: Basic <basic:1>"),
        ('"authorization":"Digest username=\\"a\\", response=\\"b\\""', '"authorization":"Digest <authorization:1>"'),
        ('["Authorization","opaque-value-1","Host","x"]', '["Authorization","<authorization:1>","Host","x"]'),
        ('"set-cookie":["a=b; Path=/","c=d"],"x":1', '"set-cookie":["<cookie:1>","<cookie:2>"],"x":1'),
        (r"Cookie: sid=abc; theme=dark\r\nHost: x", r"Cookie: <cookie:1>\r\nHost: x"),
        ("x-api-key: abcdef", "x-api-key: <api-key:1>"),
        ("SUPABASE_SERVICE_KEY=plain-value", "SUPABASE_SERVICE_KEY=<api-key:1>"),
        ("Server=db;Password=p@s,s}w;Database=x", "Server=db;Password=<password:1>;Database=x"),
        ("{password=abc, user=bob}", "{password=<password:1>, user=bob}"),
        ("password: 'letmein',", "password: '<password:1>',"),
        ("password: letmein\nnext", "password: <password:1>\\nnext"),
        ("postgres://app:p@ss@db:5432/x", "postgres://app:<password:1>@db:5432/x"),
        ("redis://:hunter2@cache:6379/0", "redis://:<password:1>@cache:6379/0"),
        ("Invalid URL 'postgres://app:p/w@db:5432/x'", "Invalid URL 'postgres://app:<password:1>@db:5432/x'"),
        ("postgres%3A%2F%2Fapp%3Asecret%40db%2Fx", "postgres%3A%2F%2Fapp%3A<password:1>%40db%2Fx"),
        ("https://0123456789abcdef0123@git.host/x", "https://<token:1>@git.host/x"),
        ("mail from Bob.Smith+x@example.co.uk failed", "mail from <email:1> failed"),
        ("?email=bob%40example.com&x=1", "?email=<email:1>&x=1"),
        ("größe müller@exämple.de", "größe <email:1>"),
    ],
)  # fmt: skip
def test_what_a_key_or_a_place_marks_as_secret_is_gone_and_the_rest_stays(text: str, shown: str) -> None:
    assert show(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Token registered for management",
        "Invalid token: JWT expired",
        "Error verifying token: TokenExpiredError",
        "Unexpected token: 'h', \"http\" is not valid JSON".replace("'h'", "h"),
        "password: authentication failed",
        "Access denied for user 'root'@'localhost' (using password: YES)",
        "Bearer token is missing",
        "WWW-Authenticate: Bearer realm=api, error=invalid_token",
        "Authorization: Bearer undefined",
        '{"token":null,"password":"","secret":"[Redacted]","apiKey":"***"}',
        '{"prompt_tokens":1234,"tokenCount":12345678,"tokenType":"access"}',
        '{"paths":["password","token","cookie"]}',
        "basic authentication failed",
        '"jsonwebtoken": "^9.0.2"',
        "http://localhost:3000/@scope/pkg and http://host:8080?x=1",
        "postgres://app@db.example.com/x",
        "node_modules/.pnpm/fastify@4.26.2/node_modules/fastify",
        "user@1000.service: Succeeded",
        "PWD=/app/dist",
        "cache key=user:42 hit",
        "task-abcdefghijklmnopqrstuvwxyz done",
        "connect ECONNREFUSED 127.0.0.1:5432",
        "at Object.<anonymous> (file:///app/src/token.js:10:12)",
        "usage: x --token <TOKEN> --password PASSWORD --api-key --secret $SECRET",
        "--token is required; use --password or --token to log in",
        "      --token string       API token",
        "  --secret   Use the mode for secrets",
        '["--password","--token","-v"] ["--token"]',
        "--password-stdin --password-file /run/x --max-token 4096 --secret id=npmrc,src=x",
        "curl failed; docker run --user 1000:1000 -p 8080:80 x",
        "curl -u 1000:1000",
        "ssh -p 2222 host; mysql -p db -P 3306; tar -p x; ls -a /tmp; grep -u user:name",
        "identified by its name",
        '{"bypass":"the cache","compass":"north","pass":3,"testPass":3}',
        "testPass=3 pass: 3, fail: 2",
        "pin=5 pin: 13 ping=12345 spinning: 123456 mapping=4711",
        '"pin":"left" "otp":"expired" "auth":"basic" "auth":"scram-sha-256-plus" auth=required',
        "session=expired session: closed \"session\":\"active\" session=1800s session: 2026-01-01",
        '"jwt":"HS256" "bearer":[] csrf: missing "bearer":"auth"',
        "GET /x?code=23505&sig=on code=ECONNREFUSED ?code=ERR_HTTP2_STREAM_ERROR &code=summer-sale-2024",
        "signature=unknown error code=0123456789abcdef",
    ],
)
def test_words_that_only_speak_of_secrets_stay(text: str) -> None:
    assert redact(text) == text


FORMS_OF_A_TEXT = {
    "raw": lambda text: text,
    "in json": lambda text: json.dumps({"level": 50, "msg": text, "n": 1}),
    "in escaped json": lambda text: json.dumps({"body": json.dumps({"msg": text, "n": 1}), "n": 1}),
    "in a url": lambda text: f"GET https://host/path?q={quote(text, safe='')}&y=1",
}
AWS_SECRET = "wJalrXUtnFEMI/K7MDENG" + "/bPxRfiCYabcdefghi0"

HIDDEN = {
    # text, what of it must go
    "a quoted value of several words": ("{ apiKey: 'correct horse battery' }", "correct horse battery"),
    "of a shell variable": ("password='my pass word' psql", "my pass word"),
    "of JSON in a text": ('got "password": "my pass word" here', "my pass word"),
    "of logfmt": ('level=info password="my pass word" n=1', "my pass word"),
    "with an escaped quote": (r"{ pass: 'it\'s our \"deep sea\" word', n: 1 }", "deep sea word"),
    "of Python": ("{'password': b'my pass word', 'n': 1}", "my pass word"),
    "of Go": ('secret := "my pass word"', "my pass word"),
    "of a JSON text in JSON": (r'"{\"password\":\"my pass word\"}"', "my pass word"),
    "in HTML": ("&quot;password&quot;:&quot;my pass word&quot;", "my pass word"),
    "aws secret near its id": (f"key AKIAQWERTYUIOPASDFGH secret {AWS_SECRET} refused", AWS_SECRET),
    "aws secret after the word": (f"the secret is {AWS_SECRET}", AWS_SECRET),
    "aws secret without the word": (f"AKIAQWERTYUIOPASDFGH, us-east-1, {AWS_SECRET}", AWS_SECRET),
    "drizzle": (
        "Failed query: select a from b where c = $1\nparams: bob smith,12 high street",
        "bob smith,12 high street",
    ),
    "drizzle, of several lines": (
        'Failed query: select "a"."b" from "c"\nparams: first line,{"a":"bob smith","b":"x"}\nsecond line\n    at f (/a.js:1:2)',
        "first line bob smith second line",
    ),
    "drizzle, the first is a list": ('Failed query: select 1\nparams: {"a":1},bob smith', "bob smith"),
    "drizzle, printed": (
        "{ query: 'select a from b', params: [ 'bob smith', \"it's ] me\" ], n: 1 }",
        "bob smith it's ] me",
    ),
    "drizzle, printed over lines": (
        "{\n  query: 'select a from b',\n  params: [\n    'bob smith',\n    'high street'\n  ],\n  n: 1\n}",
        "bob smith high street",
    ),
    "sqlalchemy": ("[SQL: UPDATE a SET b = ?]\n[parameters: ('bob smith', 'my ) street')]", "bob smith my ) street"),
    "typeorm": ('query: SELECT a FROM b WHERE c = $1 -- PARAMETERS: ["bob smith",1]', "bob smith"),
    "prisma": ("{ query: 'SELECT a FROM b', params: '[\"bob smith\",1]', duration: 3 }", "bob smith"),
    "knex": ("{ sql: 'insert into a values (?)', bindings: [ 'bob smith' ] }", "bob smith"),
    "django": ("(0.001) SELECT a FROM b WHERE c = %s; args=('bob smith',); alias=default", "bob smith"),
    "postgres": ("statement: SELECT a FROM b DETAIL:  parameters: $1 = 'bob smith', $2 = '5'", "bob smith"),
    "iban": ("to DE89370400440532013000 failed", "DE89370400440532013000"),
    "iban with letters": ("to GB29NWBK60161331926819.", "GB29NWBK60161331926819"),
    "card": ("card 4111111111111111 declined", "4111111111111111"),
    "card of 15 digits": ("card=378282246310005", "378282246310005"),
    "card in groups": ("pay with 4111 1111 1111 1111 now", "4111 1111 1111 1111"),
    "card with hyphens": ("5555-5555-5555-4444 declined", "5555-5555-5555-4444"),
    "amex in groups": ("3782 822463 10005", "3782 822463 10005"),
    "ssn": ("ssn: 123-45-6789", "123-45-6789"),
    "ssn in a sentence": ("social security number is 123-45-6789.", "123-45-6789"),
    "ssn under a key": ("{ customerSSN: '123-45-6789' }", "123-45-6789"),
}


@pytest.mark.parametrize("form", FORMS_OF_A_TEXT)
@pytest.mark.parametrize("case", HIDDEN)
def test_no_eight_characters_of_a_hidden_value_are_left_in_any_encoding(case: str, form: str) -> None:
    text, hidden = HIDDEN[case]
    shown = show(FORMS_OF_A_TEXT[form](text))
    assert ":1>" in shown
    for value in {hidden, quote(hidden, safe=""), hidden.replace("/", r"\/")}:
        for at in range(len(value) - 7):
            assert value[at : at + 8] not in shown, shown
    assert "smith" not in shown and "street" not in shown and "horse" not in shown


@pytest.mark.parametrize("wrapping", [*WRAPPINGS])
@pytest.mark.parametrize("kind", SECRETS)
def test_no_eight_characters_of_a_known_form_are_left(kind: str, wrapping: str) -> None:
    secret = SECRETS[kind].removeprefix("https://").partition("/services/")
    own = (secret[2] or SECRETS[kind]).rpartition("webhooks/")[2].rpartition("webhookb2/")[2].rpartition("/bot")[2]
    own = own.removesuffix("/getMe")
    shown = show(WRAPPINGS[wrapping](SECRETS[kind]))
    for value in {own, quote(own, safe="")}:
        assert not [value[at : at + 8] for at in range(len(value) - 7) if value[at : at + 8] in shown], shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Failed query: select 1\nparams: a b,c\n    at f (/a.js:1)", r"Failed query: select 1\nparams: <params:1>\n    at f (/a.js:1)"),
        ('{"query":"select a from b","params":["a]",{"b":1}],"n":1}', '{"query":"select a from b","params":<params:1>,"n":1}'),
        (r'{"msg":"Failed query: select 1\nparams: bob","n":1}', r'{"msg":"Failed query: select 1\nparams: <params:1>","n":1}'),
        (r'msg="Failed query: select 1\nparams: bob" n=1', r'msg="Failed query: select 1\nparams: <params:1>" n=1'),
        ("[parameters: ('bob', 1)]", "[parameters: <params:1>]"),
        ("[generated in 0.0001s] ('bob', 1)", "[generated in 0.0001s] <params:1>"),
        ("params: bob,smith", "params: <params:1>"),
        ("insert into a -- params: [1,2] took 3 ms", "insert into a -- params: <params:1> took 3 ms"),
        ("iban DE89 3704 0044 0532 0130 00 FAILED", "iban <iban:1> FAILED"),
        ("?iban=DE89%203704%200044%200532%200130%2000&x=1", "?iban=<iban:1>&x=1"),
        ("ids: [ssn 123-45-6789, 987-65-4321]", "ids: [ssn <ssn:1>, <ssn:2>]"),
        ("password: \x1b[32m'my pass word'\x1b[39m", r"password: \x1b[32m'<password:1>'\x1b[39m"),
        ("?password=my%20pass%20word&x=1", "?password=<password:1>&x=1"),
        ("DB_PASS=hunter2 x", "DB_PASS=<password:1> x"),
        (f"commit {'0123456789abcdef' * 2}01234567 and secret {AWS_SECRET}", f"commit {'0123456789abcdef' * 2}01234567 and secret <aws-key:1>"),
        ("POST https://hooks.slack.com/services/" + "T0AAAAAAA/B0BBBBBBB/abcdefghijklmnop 404", "POST https://hooks.slack.com/services/<webhook:1> 404"),
    ],
)  # fmt: skip
def test_values_and_numbers_go_as_a_whole_and_what_stands_around_them_stays(text: str, shown: str) -> None:
    assert show(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "new OpenAI({ apiKey: 'My API Key' })",
        "apiKey: 'your-api-key-here'",
        "OPENAI_API_KEY=YOUR_API_KEY x",
        "apiKey: '<your-api-key>'",
        "password=changeme x",
        "token: 'replace-me'",
        "apiKey: undefined, secret: null, password: '', token: '***', x: '[Redacted]'",
        "token=${API_TOKEN} x",
        "pass: 5, fail: 2",
        "bypass: 'the cache'",
        "req.params: {id: 5}",
        "GET /x params: { id: 5 } matched",
        '{"params":{"id":"5"},"msg":"update done"}',
        "parameters: must be object",
        "Invalid parameters: name is required",
        "select a from b params: []",
        "select a from b params: undefined",
        "DE88370400440532013000",
        "XX89370400440532013000 AB12CDEFGHIJKLMNOP",
        "id=4111111111111111 orderId: 5555555555554444",
        '"time":1761999999000,"us":1761999999000000,"ns":1761999999000000000',
        "550e8400-e29b-41d4-a716-446655440000 4111111111111111-abc a-4111-1111-1111-1111",
        "x4111111111111111 0.4111111111111111 14111111111111111111111",
        "4111111111111112 4222222222222",
        "call 123-45-6789",
        "https://api.github.com/webhooks/services/list",
        "at 12:30:45:AA",
    ],
)
def test_placeholders_and_numbers_that_only_look_personal_stay(text: str) -> None:
    assert redact(text) == text


def test_bound_values_and_numbers_of_persons_have_kinds_of_their_own() -> None:
    text = redact("params: x y\nDE89370400440532013000")
    assert [match[1] for match in TAG.finditer(text)] == ["params"]
    text = redact("DE89370400440532013000 4111111111111111 ssn 123-45-6789")
    assert [match[1] for match in TAG.finditer(text)] == ["iban", "card", "ssn"]


def test_the_start_of_a_block_that_never_gets_its_dashes_raises_nothing() -> None:
    assert redact("-----BEGIN A") == "-----BEGIN A"


@pytest.mark.parametrize("newline", ["\n", r"\n", r"\\n"])
@pytest.mark.parametrize("cut", [False, True])
def test_a_pem_block_is_gone_even_when_the_log_cut_it_short(newline: str, cut: bool) -> None:
    body = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj", "abcdefghijklmnopqrstuvwxyz0123456789ABCD", "Q2x="]
    end = [] if cut else ["-----END " + "PRIVATE KEY-----"]
    block = newline.join(["-----BEGIN " + "PRIVATE KEY-----", *body, *end])
    assert show(f'{{"key":"{block}","x":1}}') == '{"key":"<pem:1>","x":1}'


def test_the_same_token_has_the_same_tag_in_every_encoding() -> None:
    wrapped = base64.b64encode(JWT.encode()).decode()
    tagger = Tagger()
    shown = [tagger.show(redact(text)) for text in (JWT, wrapped, JWT.replace(".", "%2E"), f"Bearer {JWT}")]
    assert shown == ["<jwt:1>", "<jwt:1>", "<jwt:1>", "Bearer <jwt:1>"]


def test_one_secret_has_one_name_and_names_follow_the_order_of_the_report() -> None:
    first, second = redact("token=zzzz1111"), redact("token=aaaa2222")
    tagger = Tagger()
    assert tagger.show(f"{first} {second} {first}") == "token=<token:1> token=<token:2> token=<token:1>"
    assert Tagger().show(second) == "token=<token:1>"


def test_a_tag_in_the_log_itself_is_only_text() -> None:
    forged = f"{OPEN}jwt:0123456789ab{CLOSE} and {OPEN}"
    assert redact(forged) == r"<jwt> and \ue000"
    assert "0123456789ab" not in show(redact(redact(f"token=abcdef1 {JWT}")) + forged)


def test_a_value_is_redacted_by_a_key_that_stands_apart() -> None:
    assert Tagger().show(redact_value("req.headers.authorization", "Bearer opaque-1234")) == "Bearer <bearer:1>"
    assert Tagger().show(redact_value("user.password", "letmein")) == "<password:1>"
    assert redact_value("tokenCount", "1234567") == "1234567"


def test_clip_keeps_a_tag_whole_or_leaves_it_out() -> None:
    text = redact(f"before {JWT} after")
    end = text.index(CLOSE) + 1
    assert clip(text, end) == "before …"
    assert clip(text, end + 1) == text[:end] + "…"
    assert clip(text, len(text)) == text
    for limit in range(len(text) + 2):
        cut = clip(text, limit)
        assert len(cut) <= max(limit, 0)
        assert OPEN not in TAG.sub("", cut) and CLOSE not in TAG.sub("", cut)


def test_redaction_before_clipping_leaves_no_piece_of_a_secret_at_the_edge() -> None:
    for limit in range(1, 200):
        shown = Tagger().show(clip(redact(f"x {JWT} y"), limit))
        assert "eyJ" not in shown


# ---------------------------------------------------------------- JWT


def test_of_a_token_the_algorithm_issuer_and_expiry_are_kept() -> None:
    facts = jwt_facts(JWT)
    assert facts is not None
    assert (facts.alg, facts.issuer) == ("HS256", "https://abc.supabase.co/auth/v1")
    assert facts.expires_ms == 1_761_999_999_000
    assert facts.expired(1_762_000_000_000) is True
    assert facts.expired(1_761_000_000_000) is False
    other = jwt_facts(token({"exp": None}, kid="key-2"))
    assert other is not None and other.expired(0) is None and other.issuer is None
    assert facts.kid_fingerprint not in (None, other.kid_fingerprint)


def test_facts_are_found_under_the_fingerprint_of_the_tag() -> None:
    [(fingerprint, facts)] = find_jwts(f'{{"authorization":"Bearer {JWT}"}}')
    tagged = TAG.search(redact(JWT))
    assert tagged is not None and tagged[2] == fingerprint and facts.alg == "HS256"


@pytest.mark.parametrize(
    "text",
    ["", "eyJ", "a.b.c", "eyJhbGciOiJI.x", f"{part([1])}.{part({})}.x", f"{part({'alg': 5})}.{part([])}.x", "é.é.é"],
)
def test_what_is_no_token_has_no_facts_and_raises_nothing(text: str) -> None:
    facts = jwt_facts(text)
    assert facts is None or facts.alg is None


@pytest.mark.parametrize("exp", [True, "soon", 1e300, -1e300, [], {"a": 1}])
def test_an_expiry_that_is_no_time_is_none(exp: object) -> None:
    facts = jwt_facts(token({"exp": exp}))
    assert facts is not None and facts.expires_ms is None


# ---------------------------------------------------------------- pseudonyms


def test_actors_are_named_by_what_their_key_says_in_order_of_appearance() -> None:
    names = Pseudonyms()
    asked = [
        ("userId", "7"),
        ("ctx.user_id", "8"),
        ("sub", "7"),
        ("connectionId", "c"),
        ("socketId", "d"),
        ("reqId", "req-1"),
        ("req.remoteAddress", "10.0.0.1"),
        ("ip", "10.0.0.1"),
        ("token", "t"),
        ("tenant", "x"),
        ("user.id", "9"),
    ]
    assert [names.name(key, value) for key, value in asked] == [
        "user-A",
        "user-B",
        "user-A",
        "conn-1",
        "conn-2",
        "req-1",
        "addr-1",
        "addr-1",
        "token-1",
        "id-1",
        "user-C",
    ]


def test_the_twenty_seventh_user_is_aa() -> None:
    names = Pseudonyms()
    assert [names.name("userId", str(n)) for n in range(28)][25:] == ["user-Z", "user-AA", "user-AB"]


def test_the_id_of_a_session_has_a_pseudonym_in_texts_too_and_is_never_shown() -> None:
    text = redact('{"sessionId":"8f7e6d5c4b"} sid=8f7e6d5c4b')
    for names in (Pseudonyms(), Pseudonyms(Tagger())):
        names.know("8f7e6d5c4b")
        tagger = Tagger()
        tagger.people = names
        assert tagger.show(text) == '{"sessionId":"session-1"} sid=session-1'
        assert names.name("req.session_id", "8f7e6d5c4b") == "session-1"


def test_show_ids_shows_real_values_made_harmless_and_no_secret() -> None:
    names = Pseudonyms(Tagger())
    assert names.name("userId", "al\x1bice") == r"al\x1bice"
    assert names.name("token", redact_value("token", "abc123")) == "<token:1>"


# ---------------------------------------------------------------- hostile input


@given(st.text(alphabet=st.characters(codec=None), max_size=80))
def test_any_text_is_redacted_without_an_error(text: str) -> None:
    shown = Tagger().show(redact(text))
    assert OPEN not in shown and CLOSE not in shown


PIECES = st.sampled_from(
    [
        '"password":"',
        "token=",
        "secret",
        ":",
        "=",
        '"',
        '\\"',
        "\\",
        "'",
        "Bearer ",
        "://",
        "@",
        "a1b2c3d4",
        ",",
        "[",
        "{",
        "\n",
        " ",
        "-----BEGIN A-----",
        "-----END A-----",
        "eyJabcdefgh",
        ".",
        "%3D",
        "%40",
        OPEN,
        CLOSE,
        "cookie: ",
        "İ",
    ]
)


@given(st.lists(PIECES, max_size=14).map("".join))
def test_pieces_of_every_form_in_any_order_raise_nothing_and_are_clipped_cleanly(text: str) -> None:
    redacted = redact(text)
    assert OPEN not in TAG.sub("", redacted) and CLOSE not in TAG.sub("", redacted)


HEAD = "token bearer @ :// eyJ password= AKIA secret services select x from y ssn "
"""Words of which one lets each pattern begin."""
ADVERSARIAL = [
    "a",
    "a@",
    "a.",
    "@",
    "x@a.",
    "x@-",
    "%40",
    "\\",
    "token=",
    'token="',
    'token=\\"',
    'token="\\\\',
    "token\\\\",
    "token   ",
    "token:\n",
    "token: a1b2c3d4,",
    "token=,a",
    'token=["',
    "authorization: bearer ",
    "authorization: digest ",
    "cookie: a=b;",
    "cookie:a ",
    "bearer ",
    "bearer a",
    "basic abcdefgh",
    "://a:",
    "://a:b/",
    "://x@",
    "%3a%2f%2fa%3a",
    "-----BEGIN A-----",
    "-----BEGIN A-----\nAAAAAAAAAAAAAAAAAAAAAAAA",
    "eyJ",
    "eyJabcdefgh.",
    "ZXlK",
    "AKIA",
    "npm_",
    "SG.aaaaaaaaaaaaaaaaaaa",
    OPEN,
    CLOSE,
    "\U000e0041",
    "\x1b",
    "##a[",
    "::a ",
    f"{OPEN}jwt:0123456789ab{CLOSE}",
    "key",
    "api key",
    "İtoken=",
    "token='\"`",
    "sk-",
    "sk-ant-",
    "--token",
    "--token ",
    "--token '",
    '--token","',
    "--a-token b",
    "curl ",
    "curl -u a",
    "curl -u a:",
    "-pa",
    "mysql -p",
    "--token %20",
    "--token +",
    "login",
    "docker\",\"",
    "identified by '",
    "identified with ",
    "session=",
    "pin",
    "auth=a-1",
    'xpass":"',
    "&code=a1",
    "&sig=",
    "\nparams: a",
    "\nparams: [",
    '\\nparams: \\"',
    "select from params: [",
    "select from params: ['",
    '"params":["',
    '{"a":"\nparams: a',
    '\\":\\"',
    'a":"b","',
    "update ",
    "select ",
    "[generated in ",
    "4111 ",
    "4111 1111 1111 1111 ",
    "4111111111111111,",
    "%204111",
    "DE89 ",
    "DE89",
    "AKIAQWERTYUIOPASDFGH ",
    "secret ",
    "%2F",
    "aB1/",
    "hooks.slack.com/services/",
    "services/TAAAAAA/",
    "123456:AA",
    "ssn",
    "ssn%20",
    "123-45-",
    'pass: "',
    "token=%22",
    "token: \x1b[",
    "api_key=your",
    "\n",
    "Zm9vYmFyZm9vYmFy ",
    "/Zm9vYmFyZm9vYmFy",
    "%41",
    "\\nA",
]


@pytest.mark.parametrize("unit", ADVERSARIAL)
def test_time_grows_with_the_length_alone(unit: str) -> None:
    assert grows(lambda text: Tagger().show(redact(HEAD + text)), unit) < LINEAR


STEPS: dict[str, Callable[[str], object]] = {
    **{f"form {i}": partial(form.pattern.sub, form.replace) for i, form in enumerate(FORMS)},
    **{f"mask {i}": partial(row.pattern.sub, row.replacement) for i, row in enumerate(MASKS)},
    "pem": replace_pem,
    "jwts": replace_jwts,
    "keyed": replace_keyed,
    "flags": replace_flags,
    "params": lambda text: replace_params(HEAD + text, HEAD + text.lower()),
    "personal": lambda text: replace_personal(HEAD + text, HEAD + text.lower()),
    "encoded": lambda text: replace_encoded(text, str),
    "safe": lambda text: without_commands(safe(text, multiline=True)),
}
"""Each pattern that any text passes through, with what is made of its matches; a few work on the matches of another."""


@pytest.mark.slow
def test_no_pattern_of_ours_takes_long_for_any_text(capsys: pytest.CaptureFixture[str]) -> None:
    took = sorted(
        (
            (cost(step, unit), name, unit)
            for name, step in STEPS.items()
            for unit in ADVERSARIAL
            if unit not in (OPEN, CLOSE)
        ),
        reverse=True,
    )
    with capsys.disabled():
        print(
            "\n100,000 characters, the slowest:", *(f"{s * 1000:.0f} ms {n} {u!r}" for s, n, u in took[:6]), sep="\n  "
        )
    for _, name, unit in took[:40]:
        assert grows(STEPS[name], unit) < LINEAR, (name, unit)
