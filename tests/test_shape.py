"""Shapes: what is masked, what is kept, and that neither size nor history matters."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from linear_time import LINEAR, grows

from floodscan import shape as shape_module
from floodscan.digit_words import ZEROS, codes_announced
from floodscan.masks import mask
from floodscan.shape import HEAD_CHARS, VALUE, head, shape, words

LOG_TEXT = st.lists(
    st.sampled_from(
        "code status 404 503 : = ' \" ` ( ) [ ] , . / - _ @ :// :: 10.0.0.7 :5432 user u42 P2002 http2 E11000 42P01 "
        "0x1f true 2026-01-02T03:04:05Z Jan 3:04:05 a1b2c3 9f8e7d6c eyJhbGciOiJIUzI1NiJ9 password= token: /var/log "
        "x.js:12 \\ \n é 用户 <num>".split(" ")
    ),
    max_size=24,
).map(" ".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Failed to persist sync state for document 8812", "Failed to persist sync state for document <num>"),
        ("Access denied for account 3f2b8c1e-9d4a-4c6b-8e7f-0a1b2c3d4e5f", "Access denied for account <uuid>"),
        ("connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED <ip>"),
        ("connect ECONNREFUSED ::1:27017", "connect ECONNREFUSED <ip>"),
        ("listen EADDRINUSE: address already in use :::3000", "listen EADDRINUSE: address already in use <ip>"),
        ("getaddrinfo ENOTFOUND db.shop.internal", "getaddrinfo ENOTFOUND <host>"),
        ("lost connection to cache-1.example.org:6379", "lost connection to <host>"),
        ("ENOENT: no such file or directory, open '/srv/app/.env'", "ENOENT: no such file or directory, open '<path>'"),
        ("Cannot find module './routes/health'", "Cannot find module '<path>'"),
        (r"cannot open C:\apps\api\config.json", "cannot open <path>"),
        ("Server listening at http://127.0.0.1:3000", "Server listening at <url>"),
        ("Sent receipt to ada@example.com", "Sent receipt to <email>"),
        ("token expired at 2026-01-02T03:04:05.678Z", "token expired at <time>"),
        ("last seen Fri Jan 02 03:04:05 2026", "last seen <time>"),
        ("Retrying in 1500ms (attempt 3/5)", "Retrying in <num> (attempt <num>/<num>)"),
        ("heap used 48 MB of 512 MB", "heap used <num> of <num>"),
        ("segfault at 0x7ffe5bd0 in worker3", "segfault at <hex> in worker<num>"),
        ("job_8812 moved to shard-4", "<id> moved to <id>"),
        ('unknown tenant "acme"', 'unknown tenant "<str>"'),
        ("processed 1,204 rows", "processed <num> rows"),
        ("batch [17, 18, 19, 20] done", "batch [<num>...] done"),
        ("cleanup finished", "cleanup finished"),
        ("link a4:83:e7:12:9b:0c went down", "link <hex> went down"),
        ("peer 2001:0db8:85a3:0000:0000:8a2e:0370:7334 is gone", "peer <ip> is gone"),
        ("key de:ad:be:ef:00:11:22:33:44:55:66:77 differs", "key <hex> differs"),
        ("key de:ad:be:ef:00:11:22:33 differs", "key <hex> differs"),
        ("peer fe80::9a is gone", "peer <ip> is gone"),
        ("retry: false, dryRun=true", "retry: <bool>, dryRun=<bool>"),
        ("no route to db-1.example:5432", "no route to <host>"),
        ("got Zm9vYmFyQmF6UXV4MTIzNDU2Nzg5MA== back", "got <token> back"),
        ("waited 12ms.", "waited <num>."),
        ("closed job_81.", "closed <id>."),
        ("user L9ECAVKIM left", "user <id> left"),
        ("node abg1de left", "node <id> left"),
        ("node abgd1x9 left", "node abgd<num>x<num> left"),
        ("step fo2ba failed", "step fo<num>ba failed"),
        ("step abc12 failed", "step <id> failed"),
        ("step abcde1.f failed", "step <id> failed"),
        ("room q123 moved", "room <id> moved"),
        ("ab1cd is full", "ab<num>cd is full"),
        ("abcdefg1 is full", "abcdefg<num> is full"),
        ("worker123() threw", "worker<num>() threw"),
        ("a verification code 123456 was sent", "a verification code <num> was sent"),
        ("Postal code 4711 is wrong", "Postal code <num> is wrong"),
        ("code 4711001 is unknown", "code <num> is unknown"),
        ("upstream status: 399", "upstream status: <num>"),
        ("upstream status: 600", "upstream status: <num>"),
        ("用户123登录失败", "用户<num>登录失败"),
    ],
)
def test_values_are_named_and_the_rest_stays_readable(text: str, expected: str) -> None:
    assert shape(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "column orders.totl does not exist, code: '42703'",
        "SQLSTATE[42P01]: Undefined table",
        "Request failed with status code 503",
        "HTTP 502 from upstream",
        "upstream returned 504",
        "404 - Event not found",
        "process exited with code 137",
        "socket closed with code 1006",
        "E11000 duplicate key error",
        "P2002 Unique constraint failed",
        "AADSTS50011 reply address does not match",
        "ERR_HTTP2_STREAM_CANCEL",
        "FST_JWT_AUTHORIZATION_TOKEN_EXPIRED",
        "connect ETIMEDOUT",
        "TypeError: fetch failed",
        "Cannot read properties of undefined (reading 'userId')",
        'relation "orders" does not exist',
        "unsupported digest sha256",
        "authenticated: false",
        "parse2() threw",
        "handler12(ctx) threw",
        "crash in server.test.ts",
        "upstream status: 400",
        "upstream status: 599",
        "exited with code -11",
        "call failed with code 0X80070005",
        "Net::HTTP timed out",
        "std::fed failed",
        "in AbstractSingletonProxyFactoryBean",
        "upload ABCDEFGHIJKLMNOPQRSTUVWX done",
    ],
)
def test_codes_and_names_of_the_program_stay(text: str) -> None:
    assert shape(text) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Request failed with status code 404", "Request failed with status code 500"),
        ("exited with code 1", "exited with code 137"),
        ("closed, code=1006", "closed, code=1008"),
        ("query failed: code 42P01", "query failed: code 42703"),
        ("errno: -111", "errno: -104"),
        ("Error 1045 (28000): denied", "Error 1146 (42S02): denied"),
        ("PGRST301 rejected", "PGRST116 rejected"),
        ("call failed with code 0x80070005", "call failed with code 0x80070002"),
        ("killed by signal 9", "killed by signal 15"),
        ("ready: true", "ready: false"),
        ("state changed to LEADER_ACTIVE", "state changed to LEADER_LOST"),
    ],
)
def test_texts_with_different_codes_keep_different_words(one: str, other: str) -> None:
    assert words(shape(one)) != words(shape(other))


def test_a_place_in_the_code_keeps_its_file_and_loses_its_line() -> None:
    assert shape("crash at server.ts:108") == "crash at server.ts:<num>"
    assert shape("crash at server.test.ts:108") == "crash at server.test.ts:<num>"
    assert shape("lost localhost:6379") == "lost <host>"


def test_words_before_code_say_that_it_is_no_errors_however_far_in_the_line() -> None:
    assert shape("zip code 12345") == "zip code <num>"
    far = "the shipment could not be sent since the country code 49 is closed"
    assert shape(far) == far.replace("49", "<num>")
    assert shape("an otp was sent; exit code 49") == "an otp was sent; exit code 49"


def test_answers_that_are_no_failure_have_one_shape() -> None:
    assert shape("upstream status: 200") == shape("upstream status: 204") == "upstream status: <num>"


def test_an_access_log_leaves_its_status_to_the_record() -> None:
    assert shape('"GET /a HTTP/1.1" status: 200 len: 18') == shape('"GET /b HTTP/1.1" status: 404 len: 9')


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl here", "c2lnbmF0dXJl"),
        ("Authorization: Bearer q1w2e3r4t5y6u7i8", "q1w2e3r4"),
        ("dsn postgres://app:hunter2@db.example.org/app", "hunter2"),
        ("login password=correcthorse user=ada", "correcthorse"),
        ('{"apiKey":"k-99-secret","path":"/v1"}', "k-99-secret"),
        ("key sk_live_4eC39HqLyjWDarjtT1zdp7dc refused", "4eC39"),
        ("key AKIAIOSFODNN7EXAMPLE refused", "AKIAIOSFODNN7EXAMPLE"),
        ("blob TWFuIGlzIGRpc3Rpbmd1aXNoZWQgMTIz end", "TWFuIGlzIGRp"),
        ("session 9b2d4f6a8c0e1b3d5f7a9c2e4d6f8b0a open", "9b2d4f6a"),
    ],
)
def test_secrets_never_reach_a_shape(text: str, secret: str) -> None:
    assert secret not in shape(text)


def test_a_missing_token_is_told_apart_from_one_that_is_there() -> None:
    assert shape("token=undefined") == "token=undefined"


def test_only_the_first_line_that_is_not_blank_makes_the_shape() -> None:
    assert shape("\n  \r\n  boom 42\n    at run (/app/x.js:1:2)") == "boom <num>"
    assert shape(" \n\t ") == "" == shape("")


def test_a_long_line_is_cut_at_a_blank() -> None:
    line = "word " * 500
    assert head(line) == ("word " * (HEAD_CHARS // 5)).rstrip()
    assert len(head("x" * 1_000_000)) == HEAD_CHARS


def test_the_clients_of_an_access_log_make_no_shapes_of_their_own() -> None:
    lines = [
        f'10.0.0.7 - - [02/Mar/2026:08:15:30 +0000] "GET /a HTTP/1.1" 200 12 "https://shop.example/" "{agent}"'
        for agent in ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101", "curl/8.5.0", "Mozilla/5.0 (iPhone; U)")
    ]
    assert len({shape(line) for line in lines}) == 1


def test_a_list_of_values_has_one_shape_whatever_its_length() -> None:
    one, many = "Route IDs: [a-1, b-2, c-3]", "Route IDs: [a-1, b-2, c-3, d-4, e-5]"
    assert shape(one) == shape(many)


def test_an_empty_field_differs_from_a_filled_one() -> None:
    assert words(shape("auth failure ruser= rhost=10.1.2.3")) == ("auth", "failure", "ruser=", "rhost=", VALUE)
    assert words(shape("auth failure ruser=root7 rhost=10.1.2.3")) != words(shape("auth failure ruser= rhost=10.1.2.3"))


def test_words_drop_values_and_punctuation_but_keep_something_of_a_short_message() -> None:
    assert words("Dropped <num> of <num> jobs.") == ("Dropped", "of", "jobs")
    assert words("Launching <id>") == ("Launching", VALUE)
    assert words("Launching") == ("Launching",)
    assert words("Launching <id>: <num> and <num>") == ("Launching", "and")
    assert words("<id>: <num>, <num> Launching <num>") == (VALUE, "Launching", VALUE)
    assert words("stopped=<num> of <num>") == ("stopped=", VALUE, "of")
    assert words("<num> stopped started") == ("stopped", "started")
    assert words("Xmas, -X-, XX!") == ("Xmas", "X", "XX")
    assert words("=====") == words("===") != ()
    assert words("") == ()


def test_a_kept_code_is_the_texts_own_after_a_look_alike_was_seen() -> None:
    assert shape("failed with P2002") == "failed with P2002"
    assert shape("failed with P2025") == "failed with P2025"
    assert shape("code 11 seen") != shape("code 22 seen")


@settings(deadline=None)
@given(LOG_TEXT)
@example("status 200 code 404")
@example('" 0 "0')
def test_a_shape_depends_on_nothing_but_the_text(text: str) -> None:
    remembered = shape(text)
    shape_module._by_text.clear()
    shape_module._by_digits.clear()
    assert shape(text) == remembered
    assert "\n" not in remembered


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_a_shape_of_one_line(text: str) -> None:
    shaped = shape(text)
    assert shaped == shaped.strip()
    assert len(shaped.splitlines()) <= 1
    assert isinstance(words(shaped), tuple)


@settings(deadline=None)
@given(LOG_TEXT.filter(lambda text: "0" not in mask(text.translate(ZEROS))))
@example("404 - 1")  # a code that stands first
def test_other_digits_give_the_same_shape_unless_a_code_is_announced(text: str) -> None:
    if not codes_announced(text) and not codes_announced(text.translate(ZEROS)):
        assert shape(text) == shape(text.translate(ZEROS))


ADVERSARIAL = [
    "a", "1", "a1", "1.", "a.", "a-", "/a", "a/b/", "::", "0:", "ab:", "://", "a://", "@", "a@b.", "=", '"', '"a" ',
    "' ", "`", "eyJ", "\\", "../", "code ", "status=", "token=", "password: ", "Bearer a", "Mon Jan ", "1:11:",
    "2026-01-", "<num> ", "_", "A1_", "\x00", "\ud800", "é", "用", "\t", "{", '{"a":', "true=", "1,", "12345678-1234-",
]  # fmt: skip


@pytest.mark.parametrize("atom", ADVERSARIAL)
def test_masking_is_linear_in_adversarial_text(atom: str) -> None:
    assert grows(lambda text: words(mask(text)), atom) < LINEAR


def test_a_line_of_a_megabyte_costs_what_its_head_costs() -> None:
    start = time.perf_counter()
    for atom in ADVERSARIAL:
        shape((atom * 1_000_000)[:1_000_000])
    assert (time.perf_counter() - start) / len(ADVERSARIAL) < 0.25
