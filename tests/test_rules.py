"""The rules hold what they promise: each file loads, knows its own samples, and costs little on hostile text."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from floodscan.decode import facts_of as facts_of_source
from floodscan.decode import read_records
from floodscan.model import Record
from floodscan.rules.check import check_samples
from floodscan.rules.dependency import dependency_of, facts_of, looks_like_dependency
from floodscan.rules.load import BadRule, causes, load_rules, read_rule
from floodscan.rules.match import Catalogue
from floodscan.rules.meanings import meanings
from floodscan.rules.naming import one_line
from floodscan.rules.patterns import BadPattern, Pattern, pattern
from floodscan.rules.remedies import remedies
from floodscan.rules.rule import HOLE, KINDS, Rule, fill
from floodscan.rules.schedules import Schedule, schedule_of, schedules
from floodscan.rules.view import FailureView, view_of
from floodscan.signature import is_failure

CATALOGUE = load_rules()

MINIMAL = """
id = "mine"
cause = "x-mine"
layer = "dependency"
retry = "maybe"
title = "Mine"
summary = "S."
looks_like = "L."
probe = "P."

[[match]]
codes = ["E_MINE"]

[[remediation]]
id = "do"
kind = "fix"
step = "Do it at {address|its address}."
"""


def decoded(line: str) -> FailureView | None:
    """The view of the sample's first failure, read as a log of its own by the real decoders."""
    data = f"{line}\n".encode()
    records = [item for item in read_records([data], facts_of_source(data)) if isinstance(item, Record)]
    return next((view_of(record) for record in records if is_failure(record)), None)


def seconds(one: Pattern, text: str, folded: str) -> float:
    start = time.process_time()
    one.find(text, folded)
    return time.process_time() - start


def best(view: FailureView) -> str | None:
    hits = CATALOGUE.match(view)
    return hits[0].rule.cause if hits else None


PROBLEMS = check_samples(CATALOGUE, decoded)


@pytest.mark.parametrize("rule", CATALOGUE.rules, ids=lambda rule: rule.id)
class TestEveryRule:
    def test_it_knows_its_own_samples_and_no_near_miss(self, rule: Rule) -> None:
        assert [problem for problem in PROBLEMS if problem.rule == rule.id] == []
        assert rule.samples.match and rule.samples.miss and rule.samples.origin

    def test_its_cause_is_part_of_the_contract(self, rule: Rule) -> None:
        assert rule.cause in causes()

    def test_its_texts_read_well_when_the_log_says_nothing(self, rule: Rule) -> None:
        for text in (rule.title, rule.summary, rule.probe, rule.looks_like, *(step.step for step in rule.remediation)):
            bare = fill(text, {})
            assert "{" not in bare and "|" not in bare and bare[-1] not in " :,"

    def test_it_quotes_a_message_after_a_colon_at_the_end_and_never_inside_a_sentence(self, rule: Rule) -> None:
        for text in (rule.title, rule.summary, rule.probe, rule.looks_like, *(step.step for step in rule.remediation)):
            for hole in (hole for hole in HOLE.finditer(text) if hole[1] == "message"):
                assert text[: hole.start()].endswith(": ") and hole.end() == len(text)

    def test_it_says_what_to_do_and_what_to_watch(self, rule: Rule) -> None:
        kinds = [step.kind for role in ("root-cause", "noise") for step in remedies(rule, role)]  # type: ignore[arg-type]
        assert kinds
        assert all(len(step.step) < 330 for step in rule.remediation)

    def test_its_samples_name_no_machine_of_ours(self, rule: Rule) -> None:
        for sample in (*rule.samples.match, *rule.samples.miss):
            assert "/tmp/" not in sample and "/root" not in sample and "/home/" not in sample


def test_every_cause_of_a_code_or_text_has_a_rule() -> None:
    by_detectors = {
        "error-hidden-by-logger", "retry-without-backoff", "retry-of-permanent-failure", "lockstep-retry",
        "retry-multiplied", "false-success", "duplicate-logging", "self-feeding-log", "suppressed-log",
        "secrets-in-log", "clock-trouble", "unclassified",
    }  # fmt: skip
    assert set(causes()) - {rule.cause for rule in CATALOGUE.rules} == by_detectors


def test_the_package_has_one_file_per_rule_named_after_it() -> None:
    folder = Path(__file__).parents[1] / "floodscan" / "rules"
    assert sorted(path.stem for path in folder.glob("*.toml")) == [rule.id for rule in CATALOGUE.rules]


class TestMatching:
    def test_an_inner_code_outranks_the_wrapper_around_it(self) -> None:
        wrapped = FailureView(
            type="AgentError",
            code="DATABASE_ERROR",
            error_messages=("Failed to list agents",),
            causes=(("Error", "ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:5432"),),
        )
        hit = CATALOGUE.match(wrapped)[0]
        assert (hit.rule.cause, hit.by, hit.where, hit.value) == ("connection-refused", "code", "inner", "ECONNREFUSED")
        assert dependency_of(wrapped) == "postgres"

    def test_a_code_named_in_a_text_counts(self) -> None:
        view = FailureView(type="AgentError", code="DATABASE_ERROR", error_messages=("connect ECONNREFUSED ::1:5432",))
        hit = CATALOGUE.match(view)[0]
        assert (hit.rule.id, hit.by) == ("connection-refused", "text-code")

    def test_an_application_code_with_nothing_beneath_is_known_by_no_rule(self) -> None:
        assert CATALOGUE.match(FailureView(type="AgentError", code="DATABASE_ERROR", message=("Check failed",))) == ()
        assert looks_like_dependency("DATABASE_ERROR") and looks_like_dependency("UPSTREAM_UNAVAILABLE")
        assert not looks_like_dependency("E_BAD_INPUT") and not looks_like_dependency(None)

    def test_an_empty_view_matches_nothing(self) -> None:
        assert CATALOGUE.match(FailureView()) == ()

    def test_a_failed_fetch_is_no_defect_and_gives_way_to_whatever_names_its_reason(self) -> None:
        bare = FailureView(type="TypeError", error_messages=("fetch failed",))
        assert best(bare) == "fetch-failed"
        named = FailureView(type="TypeError", error_messages=("fetch failed: certificate has expired",))
        assert best(named) == "tls-failure"
        assert best(FailureView(type="TypeError", error_messages=("x is not a function",))) == "code-defect"

    @pytest.mark.parametrize(
        ("address", "cause", "dependency"),
        [
            ("127.0.0.1:6379", "redis-unreachable", "redis"),
            ("127.0.0.1:9092", "kafka-unreachable", "kafka"),
            ("rabbitmq:5672", "amqp-refused", "amqp"),
            ("10.0.0.5:27017", "connection-refused", "mongo"),
            ("10.0.0.5:3306", "connection-refused", "mysql"),
            ("::1:5432", "connection-refused", "postgres"),
            ("127.0.0.1:54321", "connection-refused", "supabase"),
            ("127.0.0.1:4318", "benign", "otlp"),
            ("127.0.0.1:8080", "connection-refused", None),
        ],
    )
    def test_the_port_of_a_refused_connection_names_the_dependency(
        self, address: str, cause: str, dependency: str | None
    ) -> None:
        view = FailureView(code="ECONNREFUSED", error_messages=(f"connect ECONNREFUSED {address}",))
        assert (best(view), dependency_of(view)) == (cause, dependency)

    def test_a_product_named_in_a_message_counts_only_where_no_address_is_known(self) -> None:
        unknown = FailureView(code="ECONNREFUSED", message=("Redis Client Error:",))
        assert dependency_of(unknown) == "redis"
        other = FailureView(
            code="ECONNREFUSED", message=("no redis hit",), error_messages=("connect ECONNREFUSED 10.0.0.5:8080",)
        )
        assert dependency_of(other) is None

    def test_a_postgrest_code_is_judged_with_its_message(self) -> None:
        def cause(code: str, message: str) -> str | None:
            return best(FailureView(code=code, error_messages=(message,)))

        assert cause("PGRST301", "JWT expired") == "jwt-expired"
        assert cause("PGRST303", "JWT expired") == "jwt-expired"
        assert cause("PGRST301", "JWSError JWSInvalidSignature") == "jwt-wrong-key"
        assert cause("PGRST301", "Expected 3 parts in JWT; got 1") == "jwt-malformed"

    def test_a_bare_answer_of_ones_own_says_nothing_of_an_upstream(self) -> None:
        assert best(FailureView(status=503, message=("request completed",))) is None
        assert best(FailureView(status=401, message=("request completed",))) is None
        assert best(FailureView(status=429, message=("request completed",))) == "rate-limited"

    def test_a_numeric_code_needs_its_driver(self) -> None:
        assert best(FailureView(code="18", type="Error")) is None
        assert best(FailureView(code="18", type="MongoServerError")) == "db-auth-failed"

    def test_a_sqlstate_in_a_text_counts_only_where_the_text_says_what_it_is(self) -> None:
        assert best(FailureView(error_messages=("Raw query failed. Code: `42P01`.",))) == "schema-drift"
        assert best(FailureView(error_messages=("query failed (SQLSTATE 42P01)",))) == "schema-drift"
        assert best(FailureView(error_messages=("order 42601 and 53300 were skipped",))) is None

    def test_the_order_of_the_files_does_not_matter(self) -> None:
        shuffled = list(CATALOGUE.rules)
        random.Random(4).shuffle(shuffled)
        view = FailureView(type="TypeError", code="ECONNREFUSED", error_messages=("fetch failed",))
        assert [hit.rule.id for hit in Catalogue(shuffled).match(view)] == [
            hit.rule.id for hit in CATALOGUE.match(view)
        ]


def test_a_thousand_rules_search_no_more_patterns_than_forty(monkeypatch: pytest.MonkeyPatch) -> None:
    forty = Catalogue(CATALOGUE.rules[::2][:40])
    codes = [f'codes = ["E_OTHER_{n}"]\nmessage = ["[a-z]+ed"]' for n in range(320)]
    types = [f'types = ["Other{n}Error"]\nmessage = ["[a-z]+ed"]' for n in range(320)]
    texts = [f'message = ["part {chr(97 + n // 18)}{chr(97 + n % 18)}q of zymurgy"]' for n in range(320)]
    more = [
        read_rule(f"other-{n}.toml", MINIMAL.replace('codes = ["E_MINE"]', keys).replace('"mine"', f'"other-{n}"'))
        for n, keys in enumerate(codes + types + texts)
    ]
    views = [view for rule in CATALOGUE.rules for sample in rule.samples.match if (view := decoded(sample))]
    searched: list[str] = []
    find = Pattern.find

    def counted(one: Pattern, text: str, folded: str) -> str | None:
        searched.append(one.source)
        return find(one, text, folded)

    monkeypatch.setattr(Pattern, "find", counted)
    counts = []
    for catalogue in (forty, Catalogue([*forty.rules, *more])):
        searched.clear()
        for view in views:
            catalogue.match(view)
        counts.append(len(searched))
    assert len(views) > 150 and counts[0] > 100
    assert counts[1] == counts[0]


class TestRemedies:
    def test_the_same_code_asks_for_other_steps_as_noise(self) -> None:
        rule = CATALOGUE.get("jwt-signature-mismatch")
        assert rule is not None
        as_cause = {step.id for step in remedies(rule, "root-cause")}
        as_noise = remedies(rule, "noise")
        assert "compare-keys" in as_cause and as_cause.isdisjoint(step.id for step in as_noise)
        assert not any("secret" in step.step.lower() for step in as_noise)

    def test_steps_stand_in_order_and_fit_the_dependency(self) -> None:
        rule = CATALOGUE.get("connection-refused")
        assert rule is not None
        for_supabase = remedies(rule, "root-cause", "supabase")
        assert [step.kind for step in for_supabase] == sorted(
            (step.kind for step in for_supabase), key=["stop", "fix", "watch"].index
        )
        assert any("supabase start" in step.step for step in for_supabase)
        assert not any("supabase" in step.step for step in remedies(rule, "root-cause", "postgres"))

    def test_a_rule_without_a_step_for_noise_gets_the_role_s_own(self) -> None:
        rule = CATALOGUE.get("schema-drift")
        assert rule is not None
        assert [step.id for step in remedies(rule, "noise")] == ["lower-level", "count-it"]
        assert remedies(rule, "symptom") == ()

    def test_placeholders_take_their_values_from_the_evidence(self) -> None:
        view = decoded(
            '{"level":50,"time":1,"err":{"type":"Error","message":"connect ECONNREFUSED 10.0.0.5:5432",'
            '"code":"ECONNREFUSED","address":"10.0.0.5","port":5432},"msg":"op failed"}'
        )
        assert view is not None
        facts = facts_of(view)
        assert facts["address"] == "10.0.0.5:5432" and facts["dependency"] == "Postgres"
        assert fill("Start {dependency|it} at {address|its address}.", facts) == "Start Postgres at 10.0.0.5:5432."
        assert fill("{url|the address}", facts) == "the address"


def named(text: str, **details: tuple[str, ...]) -> tuple[str | None, str]:
    """(the best rule's id, its title filled in) of an error that says `text`."""
    view = FailureView(type="Error", error_messages=(text,), details=details)
    hit = next(iter(CATALOGUE.match(view)), None)
    return (hit.rule.id, fill(hit.rule.title, facts_of(view))) if hit else (None, "")


class TestWording:
    def test_a_message_becomes_one_line_that_keeps_its_beginning_and_its_reason(self) -> None:
        prisma = "\nInvalid `prisma.user.findMany()` invocation:\n\nCan't reach database server at `db:5432`"
        assert one_line(prisma) == "Invalid `prisma.user.findMany()` invocation:"
        wrapped = f"Job 4711 failed: {'while doing this and that ' * 9}: Cannot read properties of undefined"
        line = one_line(wrapped)
        assert len(line) <= 120 and line.startswith("Job 4711 failed: ")
        assert line.endswith("Cannot read properties of undefined")
        assert one_line("") == "" and len(one_line("x" * 4_000)) <= 120

    @pytest.mark.parametrize("at", range(20, 130, 3))
    def test_a_message_is_never_cut_inside_the_tag_of_a_secret(self, at: int) -> None:
        tag = "\ue000jwt:0123456789ab\ue001"
        for text in ("a" * at + tag + "b" * 200, "b" * 200 + tag + "a" * at, "word " * (at // 5) + tag + " word" * 40):
            line = one_line(text)
            assert "\ue000" not in line.replace(tag, "") and "\ue001" not in line.replace(tag, "")
            assert "0123456789ab" not in line.replace(tag, "")

    @pytest.mark.parametrize(
        ("text", "setting"),
        [
            ("Environment variable not found: DATABASE_URL.", "DATABASE_URL"),
            ("The OPENAI_API_KEY environment variable is missing or empty; either provide it", "OPENAI_API_KEY"),
            ("Rates unavailable. Configure RATES_API_KEY or enable RATES_DEMO.", "RATES_API_KEY"),
            ("Missing required environment variable: JWT_SECRET", "JWT_SECRET"),
            ("SMTP_HOST and SMTP_PORT must be set", "SMTP_HOST"),
        ],
    )
    def test_a_missing_setting_is_named_in_the_title(self, text: str, setting: str) -> None:
        assert named(text) == ("config-missing", f"{setting} is not set")

    def test_an_error_code_is_no_setting(self) -> None:
        assert "setting" not in facts_of(
            FailureView(error_messages=("the value is missing: ERR_INVALID_URL is required",))
        )
        assert named("Missing environment variable in this shell")[1] == "A setting this service needs is not set"

    def test_a_url_with_a_missing_part_shows_its_host_and_not_its_path(self) -> None:
        rule, title = named("Request failed", url=("https://user:pw@rates.example.com/v3/s3cr3t/undefined",))
        assert rule == "undefined-in-url" and "rates.example.com" in title
        assert "s3cr3t" not in title and "pw" not in title
        assert "another service" in named("Failed to parse URL from undefined/rest/v1")[1]

    @pytest.mark.parametrize(
        ("text", "rule", "words"),
        [
            ('duplicate key value violates unique constraint "users_email_key"', "duplicate-key", "users_email_key"),
            (
                'insert or update on table "orders" violates foreign key constraint "orders_user_fkey"',
                "foreign-key-violation",
                "orders_user_fkey",
            ),
            (
                'null value in column "email" of relation "users" violates not-null constraint',
                "not-null-violation",
                "email of users",
            ),
            ("NOT NULL constraint failed: users.email", "not-null-violation", "email of users"),
            ('invalid input syntax for type uuid: "undefined"', "invalid-value", "uuid is expected"),
            ('Cast to ObjectId failed for value "x" at path "_id"', "invalid-value", "ObjectId is expected"),
            ('new row violates check constraint "price_check"', "constraint-violation", "price_check"),
        ],
    )
    def test_a_refused_row_is_named_by_what_refused_it(self, text: str, rule: str, words: str) -> None:
        found, title = named(text)
        assert found == rule and words in title and "again" not in title
        assert CATALOGUE.get(rule).cause == "constraint-violation"  # type: ignore[union-attr]

    def test_only_a_duplicate_key_is_told_to_upsert(self) -> None:
        told = {rule.id for rule in CATALOGUE.rules if any("upsert" in step.step for step in rule.remediation)}
        assert told == {"duplicate-key"}

    def test_a_snapshot_of_the_v8_heap_is_advised_for_v8_alone(self) -> None:
        told = {rule.id for rule in CATALOGUE.rules if any("--heapsnapshot" in s.step for s in rule.remediation)}
        assert told == {"v8-heap-exhausted"}
        assert named("java.lang.OutOfMemoryError: Metaspace")[0] == "java-heap-exhausted"

    @pytest.mark.parametrize(
        ("type_", "text"),
        [
            ("TimeoutError", "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00"),
            ("TimeoutError", "ResourceRequest timed out"),
            ("SequelizeConnectionAcquireTimeoutError", "Operation timeout"),
            ("SQLTransientConnectionException", "HikariPool-1 - Connection is not available, request timed out"),
            ("Error", "timeout exceeded when trying to connect"),
            ("Error", "Queue limit reached."),
            ("PoolTimeout", "couldn't get a connection after 30.00 sec"),
        ],
    )
    def test_a_pool_that_runs_dry_is_no_slow_dependency(self, type_: str, text: str) -> None:
        assert best(FailureView(type=type_, error_messages=(text,))) == "db-pool-exhausted"

    def test_a_closed_pool_is_no_exhausted_one(self) -> None:
        assert best(FailureView(error_messages=("sql: database is closed",))) is None

    def test_a_dependency_s_title_begins_a_sentence_with_a_capital(self) -> None:
        assert fill("{dependency|A dependency} is slow", {"dependency": "the mail server"}) == "The mail server is slow"
        assert fill("Ask {dependency|it}", {"dependency": "the mail server"}) == "Ask the mail server"


class TestUserRules:
    def test_a_directory_adds_rules_and_replaces_ours(self, tmp_path: Path) -> None:
        (tmp_path / "mine.toml").write_text(MINIMAL)
        theirs = MINIMAL.replace('id = "mine"', 'id = "sqlite-busy"').replace("E_MINE", "E_THEIRS")
        (tmp_path / "sqlite-busy.toml").write_text(theirs)
        catalogue = load_rules([tmp_path])
        assert len(catalogue.rules) == len(CATALOGUE.rules) + 1
        assert catalogue.match(FailureView(code="E_MINE"))[0].rule.id == "mine"
        assert catalogue.match(FailureView(code="SQLITE_BUSY")) == ()
        assert catalogue.match(FailureView(code="E_THEIRS"))[0].rule.cause == "x-mine"

    @pytest.mark.parametrize(
        ("change", "key", "why", "line"),
        [
            (("codes", "code"), "match[1].code", "unknown key, did you mean codes?", 12),
            (('cause = "x-mine"', 'cause = "conection-refused"'), "cause", "did you mean connection-refused?", 3),
            (('layer = "dependency"', 'layer = "moon"'), "layer", "'moon' is none of client", 4),
            (('retry = "maybe"', ""), "retry", "missing", 2),
            (('title = "', '# title = "'), "title", "missing", 2),
            (('id = "mine"', 'id = "yours"'), "id", "must be the file's name", 2),
            (('codes = ["E_MINE"]', 'codes = "E_MINE"'), "match[1].codes", "must be a list of texts", 12),
            (('codes = ["E_MINE"]', "status = [99]"), "match[1].status", "must be a list of HTTP status", 12),
            (('codes = ["E_MINE"]', 'stack = ["abc"]'), "match[1]", "the rest only narrows", 11),
            (
                ('codes = ["E_MINE"]', 'message = ["(a+)+$"]'),
                "match[1].message",
                "repeats the group (a+)+ too freely",
                12,
            ),
            (
                ('codes = ["E_MINE"]', 'message = [".*a.*b.*c"]'),
                "match[1].message",
                "too many parts of free length",
                12,
            ),
            (('codes = ["E_MINE"]', 'message = ["(?=x)"]'), "match[1].message", "not part of the dialect", 12),
            (("{address|its address}", "{adress|it}"), "remediation[1].step", "unknown placeholder {adress}", 17),
            (("{address|its address}", "{address}"), "remediation[1].step", "needs words for when it is unknown", 17),
            (('kind = "fix"', 'kind = "hope"'), "remediation[1].kind", "'hope' is none of stop, fix, watch", 16),
        ],
    )
    def test_a_bad_rule_is_refused_with_its_file_and_line_its_key_and_the_reason(
        self, change: tuple[str, str], key: str, why: str, line: int
    ) -> None:
        with pytest.raises(BadRule) as caught:
            read_rule("mine.toml", MINIMAL.replace(*change))
        assert caught.value.key == key
        assert str(caught.value).startswith(f"mine.toml:{line}: {key}: ") and why in str(caught.value)

    def test_a_file_that_is_not_toml_is_refused_with_its_line(self, tmp_path: Path) -> None:
        (tmp_path / "broken.toml").write_text('id = "broken"\nlayer = \n')
        with pytest.raises(BadRule, match=r"/broken\.toml:2: is not TOML: "):
            load_rules([tmp_path])

    def test_a_directory_that_is_none_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(BadRule, match="is not a directory of rules"):
            load_rules([tmp_path / "absent"])

    def test_a_wrong_sample_is_reported_with_the_reason(self, tmp_path: Path) -> None:
        samples = """
[samples]
match = ['{"level":50,"time":1,"msg":"x","err":{"type":"Error","message":"m","code":"E_OTHER"}}', '{"level":30}']
miss = ['{"level":50,"time":1,"msg":"x","err":{"type":"Error","message":"m","code":"E_MINE"}}']
"""
        (tmp_path / "mine.toml").write_text(MINIMAL + samples)
        problems = [problem for problem in check_samples(load_rules([tmp_path]), decoded) if problem.rule == "mine"]
        assert [problem.why for problem in problems] == [
            "does not match",
            "does not match: the line is read as no failure",
            "matches, and should not",
        ]


@pytest.mark.parametrize("cause", meanings())
def test_a_meaning_is_of_a_known_cause_and_its_steps_are_of_a_known_kind(cause: str) -> None:
    meaning = meanings()[cause]
    assert cause in causes() and len(meaning.what) > 40 and len(meaning.told) > 40
    kinds = [KINDS.index(step.split()[0]) for step in meaning.steps]
    assert kinds == sorted(kinds) and kinds


class TestPatterns:
    @pytest.mark.parametrize(
        "source",
        [
            "(a+)+$",
            "(?:a|aa)+$",
            r"(\w+\s?)*$",
            "a*",
            "x{1,2000}",
            "(a",
            "a)",
            "[a",
            "a**",
            "(?P<n>a)",
            r"(a)\1",
            "[z-a]",
        ],
    )
    def test_what_could_take_long_or_says_nothing_is_refused(self, source: str) -> None:
        with pytest.raises(BadPattern):
            pattern(source)

    def test_star_and_plus_reach_eighty_characters(self) -> None:
        one = pattern("from .+ to")
        assert one.find("from a to b", "") == "from a to"
        assert one.find(f"from {'x' * 81} to b", "") is None

    def test_a_constant_text_is_looked_for_before_the_pattern_runs(self) -> None:
        assert pattern('relation "[^"]{1,63}" does not exist').needles == ('" does not exist',)
        assert pattern("(?i)Connection Refused").needles == ("connection refused",)
        assert pattern("(?:too many files|no space left) here").needles == (" here",)
        assert pattern(r"\d{3}|abc").needles == ()

    @pytest.mark.parametrize("rule", CATALOGUE.rules, ids=lambda rule: rule.id)
    def test_no_pattern_is_super_linear_on_hostile_text(self, rule: Rule) -> None:
        size = 100_000
        for match in rule.match:
            for one in (*match.message, *match.stack, *match.logger, *(p for _, more in match.details for p in more)):
                lead = HOLE.sub("", one.bounded).replace("\\", "").split("{")[0].split("[")[0].split("(")[0]
                needles = " ".join(one.needles)
                for piece in (lead or "a", needles or "A_", "A" * 40 + "_KEY ", "a.b(", '"a" ', "0:"):
                    text = (piece * (size // len(piece) + 1))[: size - len(needles)] + needles[:-1]
                    folded = text.lower()
                    took = min(seconds(one, text, folded) for _ in range(2))
                    assert took < 0.05, (one.source, piece, took)


class TestSchedules:
    @pytest.mark.parametrize("schedule", schedules(), ids=lambda schedule: schedule.id)
    @pytest.mark.parametrize("try_ms", [3, 40, 120])
    def test_a_client_is_named_by_the_gaps_it_makes(self, schedule: Schedule, try_ms: int) -> None:
        draw = random.Random(1)
        first = draw.randint(*schedule.start_ms) if schedule.start_ms[0] != schedule.start_ms[1] else None
        pauses = [schedule.pause(n, first) for n in range(schedule.gives_up_after or 9)]
        found = schedule_of(tuple(draw.randint(*pause) + try_ms for pause in pauses))
        assert found is not None and found.id == schedule.id

    @pytest.mark.parametrize(
        "gaps_ms",
        [
            [2000] * 10,
            [5, 6, 5, 7, 5],
            [1003, 2003],
            [300, 600, 900, 1200, 1500, 1800],
            [200, 400, 800, 1600, 3200],
            [2005, 4010, 8000, 16000, 30020],
            [],
        ],
        ids=str,
    )
    def test_gaps_that_are_nobody_s_name_nobody(self, gaps_ms: list[int]) -> None:
        assert schedule_of(tuple(gaps_ms)) is None

    def test_a_coarse_clock_may_be_off_by_its_grain(self) -> None:
        found = schedule_of((1000, 2000, 5000, 10000, 10000, 11000), resolution_ms=1000)
        assert found is not None and found.id == "supabase-realtime"

    def test_random_gaps_are_seldom_taken_for_a_client(self) -> None:
        draw = random.Random(7)
        named = sum(schedule_of(tuple(draw.randint(200, 9000) for _ in range(7))) is not None for _ in range(1000))
        assert named <= 40


def test_matching_hostile_texts_stays_cheap_and_never_raises() -> None:
    patterns = [one for rule in CATALOGUE.rules for match in rule.match for one in match.message]
    text = " ".join(needle for one in patterns for needle in one.needles) * 40
    view = FailureView(
        type="\x00" * 50,
        code="E" * 100_000,
        message=(text, "\ud800 ECONNREFUSED" * 9_000),
        error_messages=("[" * 100_000, "A_" * 50_000),
        stacks=("    at (" * 30_000,),
        causes=((None, None, None), ("x." * 9_000, "", text)),
        details={"url": ("http://" + "a" * 100_000,), "port": ("x",)},
    )
    start = time.process_time()
    hits = CATALOGUE.match(view)
    dependency_of(view)
    facts_of(view)
    assert hits and time.process_time() - start < 1.0
