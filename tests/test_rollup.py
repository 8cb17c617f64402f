"""The roll-up of plain text: what joins, what never does, and that only the set of signatures counts."""

from __future__ import annotations

import time
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab import report_of

from floodscan import rollup as rollup_module
from floodscan.model import Record, Signature
from floodscan.rollup import roll_up, text_of
from floodscan.signature import signature_id, signature_of


def text(message: str) -> Signature:
    return signature_of(Record(family="text", text=message, message=message))


def groups(messages: list[str]) -> int:
    return len(set(roll_up(text(message) for message in messages).names.values()))


def test_user_names_after_their_noun_are_values() -> None:
    assert groups([f"Accepted password for user {name} on tty" for name in ("root", "ada", "grace", "linus")]) == 1


def test_a_name_joins_the_messages_whose_name_was_masked() -> None:
    assert groups([f"Rejected invalid user {name} from 10.0.0.7" for name in ("oracle", "git", "test99")]) == 1


def test_values_found_in_one_message_are_values_in_another() -> None:
    named = [f"session opened for user {name} by sshd" for name in ("root", "ada", "grace")]
    assert groups([*named, "key accepted for root on tty", "key accepted for ada on tty"]) == 2


def test_fields_of_plain_text_hold_values() -> None:
    assert groups([f"mount failed volume={name} after retry" for name in ("alpha", "beta", "gamma")]) == 1


def test_service_names_made_of_parts_are_values() -> None:
    names = ("user-api", "billing-api", "mail-worker", "search-indexer", "image-resizer", "audit-log")
    assert groups([f"Restarting unhealthy service {name}" for name in names]) == 1
    assert groups([f"Restarting unhealthy service {name}" for name in names[:3]]) == 3


@pytest.mark.parametrize(
    "messages",
    [
        [
            f"user profile {verb}ed"
            for verb in "add bann cach delet export fetch index link load lock merg mov nam".split()
        ],
        [f"login for user 4711 {verb}" for verb in ("failed", "blocked", "expired", "succeeded")],
        [f"Failed to update user {thing} in store" for thing in ("profile", "settings", "avatar")],
        [f"timed out waiting for {thing}" for thing in ("lock", "response", "shutdown", "leader")],
        [f"handshake rejected by peer: {name}" for name in ("CertError", "AuthError", "ProtocolError")],
        [f"job for user ended {code}" for code in ("ECONNRESET", "ETIMEDOUT", "EPIPE", "ENOTFOUND")],
        [f"node entered state={state}" for state in ("leader", "follower", "candidate", "observer")],
        [f"upstream answered with status {status} for user" for status in (404, 500, 502, 503)],
    ],
)
def test_words_that_are_the_message_stay_apart(messages: list[str]) -> None:
    assert groups(messages) == len(messages)


def test_structured_records_are_never_joined() -> None:
    joined = [text(f"Accepted password for user {name} on tty") for name in ("root", "ada", "grace")]
    structured = [replace(signature, structured=True) for signature in joined]
    assert roll_up(structured).names == {signature.id: signature.id for signature in structured}


@pytest.mark.parametrize(
    "field", [{"logger": "sshd"}, {"type": "AuthError"}, {"code": "EACCES"}, {"status": 403}, {"opacity": "empty"}]
)
def test_nothing_joins_across_logger_type_code_status_or_opacity(field: dict[str, Any]) -> None:
    plain = [text(f"Accepted password for user {name} on tty") for name in ("root", "ada", "grace")]
    other = [replace(signature, **field) for signature in plain]
    other = [replace(signature, id=signature_id(signature)) for signature in other]
    groups_of = roll_up([*plain, *other]).names
    assert len({groups_of[signature.id] for signature in plain}) == 1
    assert len({groups_of[signature.id] for signature in other}) == 1
    assert groups_of[plain[0].id] != groups_of[other[0].id]


def test_a_column_of_very_many_words_holds_values_wherever_it_stands() -> None:
    names = [first + last for first in ("an", "be", "co", "da", "el") for last in ("na", "ri", "lo", "mu")]
    assert groups([f"Failed password for {name} from port" for name in names]) == 1
    assert groups([f"Failed password for {name} from port" for name in names[:10]]) == 10


def test_a_group_is_named_by_its_smallest_id() -> None:
    signatures = [text(f"Accepted password for user {name} on tty") for name in ("root", "ada", "grace")]
    assert set(roll_up(signatures).names.values()) == {min(signature.id for signature in signatures)}


VOCABULARY = (
    "for user root ada git invalid login failed host= status= <*> a-b c.d e_f g/h ETIMEDOUT AuthError tty".split()
)
SIGNATURES = st.lists(
    st.builds(
        lambda words, logger, structured: Signature("", "", tuple(words), logger=logger, structured=structured),
        st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=6),
        st.sampled_from([None, "sshd"]),
        st.sampled_from([False, False, False, True]),
    ).map(lambda signature: replace(signature, id=signature_id(signature))),
    max_size=40,
)


@settings(deadline=None)
@given(SIGNATURES, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(signatures: list[Signature], random: Random) -> None:
    shuffled = signatures + signatures
    random.shuffle(shuffled)
    assert roll_up(shuffled) == roll_up(signatures)


@given(SIGNATURES, SIGNATURES)
@settings(max_examples=300, deadline=None)
def test_more_signatures_never_split_a_group(some: list[Signature], more: list[Signature]) -> None:
    before, after = roll_up(some).names, roll_up([*some, *more]).names
    for one, name in before.items():
        assert after[one] == after[name]


@settings(deadline=None)
@given(SIGNATURES)
def test_every_id_is_in_a_group_named_by_a_member_with_the_same_identity(signatures: list[Signature]) -> None:
    by_id = {signature.id: signature for signature in signatures}
    rolled = roll_up(signatures).names
    assert rolled.keys() == by_id.keys()
    for one, name in rolled.items():
        assert rolled[name] == name <= one
        assert by_id[one].logger == by_id[name].logger


def test_beyond_the_cap_the_smallest_ids_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    signatures = [text(f"Accepted password for user {name} on tty") for name in ("root", "ada", "grace", "linus")]
    monkeypatch.setattr(rollup_module, "MAX_SIGNATURES", 3)
    rolled = roll_up(signatures).names
    assert len(set(rolled.values())) == 2
    assert rolled[max(rolled)] == max(rolled)


def test_two_thousand_signatures_cost_well_under_two_seconds() -> None:
    nouns = "order invoice cart payment job worker node session cache queue message shipment stock price".split()
    subjects = [(nouns[n % 14], nouns[n // 14 % 14], nouns[n // 196 % 14], "abcdefghij"[n % 10]) for n in range(2_000)]
    signatures = [text(f"{one} of {two} moved {three} to user u{letter} here") for one, two, three, letter in subjects]
    start = time.perf_counter()
    roll_up(signatures)
    assert time.perf_counter() - start < 2.0  # about 0.1 s measured; the rest is for a busy machine


def test_the_text_of_a_group_shows_no_members_value_as_if_it_were_all() -> None:
    named = ["Failed password for root from <ip>", "Failed password for mysql from <ip>"]
    assert text_of(named) == "Failed password for <word> from <ip>"
    assert text_of(["failure; rhost=<ip> user=root", "failure; rhost=<ip> user=test"]) == "failure; rhost=<ip> user=<word>"
    assert text_of(["closed for bob", "closed for", "closed for eve"]) == "closed for bob", "the first is the most frequent"


def test_a_report_names_a_group_by_what_its_lines_have_in_common() -> None:
    names = ["mysql", *["root"] * 30, *"pi ubuntu oracle git ftp www nagios tomcat deploy backup guest ada bob eve hal joe kim leo".split()]
    log = "".join(
        f"Dec 10 06:{n // 60:02}:{n % 60:02} host sshd[24200]: Failed password for {name} from 10.0.0.{n} port 4{n:03} ssh2\n"
        for n, name in enumerate(names)
    )
    [group] = [s for s in report_of(log.encode())["signatures"] if s["text"].startswith("Failed password")]
    assert group["text"] == "Failed password for <word> from <ip> port <num> ssh2" and len(group["rolled_up"]) == 19
