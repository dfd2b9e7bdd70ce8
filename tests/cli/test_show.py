"""`collector show`: what exactly was asked, when, as whom, and what came back."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from collector import trace
from collector.model import Verdict
from tests.cli.oracle import SNAPSHOTS

if TYPE_CHECKING:
    from tests.cli.conftest import Inside
    from tests.cli.oracle import Oracle

INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
DIGEST = r"[0-9a-f]{64}"
ARN = r"arn:aws:\S+"

SNAPSHOT = {
    "state": r"complete",
    "leaf": r"\d+",
    "leaf hash": DIGEST,
    "run": r"\S+ \(snapshot, ok\)",
    "collected (UTC)": rf"({INSTANT}) to ({INSTANT})",
    "as": ARN,
    "records": rf"(\d+) in ({DIGEST})",
    "exchanges": rf"(\d+) pages of (\d+) requests, in ({DIGEST})",
    "collector": rf"\d+\.\d+\.\d+\S*, code ({DIGEST})",
}
EXCHANGE = {
    "request": r"([a-z0-9-]+:[A-Za-z0-9]+) (\{.*\}) in ([a-z0-9-]+)",
    "identity": r"[0-9a-f]{16} page \d+",
    "as": ARN,
    "asked (UTC)": rf"({INSTANT}) to ({INSTANT}), (\d+) attempts?",
    "answer": r"\d{3}( \S+)?",
    "request id": r"\S.*",
    "server date": rf"{INSTANT}|none sent",
    "raw answer": DIGEST,
}


def fields(block: str) -> dict[str, str]:
    """The fields of one block of output; a field without a value is not among them."""
    return {found[1].strip(): found[2] for found in re.finditer(r"(?m)^  (.{16})(\S.*)$", block)}


def assert_stated(block: str, wanted: dict[str, str]) -> dict[str, str]:
    stated = fields(block)
    for name, pattern in wanted.items():
        assert re.fullmatch(pattern, stated.get(name, "")), f"{name}: {stated.get(name)!r}\n{block}"
    return stated


def test_aq_01_every_evidence_object_says_what_was_asked_when_and_as_whom(oracle: Oracle, inside: Inside) -> None:
    evidence = [leaf for leaf in oracle.once.leaves if leaf.body["kind"] == "evidence"]
    assert len(evidence) == SNAPSHOTS
    for leaf in evidence:
        shown = inside("show", str(leaf.index))
        assert shown.code == 0, shown.text
        head, *exchanges = shown.out.strip().split("\n\n")
        title, _, _ = head.partition("\n")
        body = leaf.body
        assert title.split() == [body["type"], "in", body["provider"], body["unit"], body["unit_name"]]
        assert f":{body['unit']}:" in fields(head)["as"]
        stated = assert_stated(head, SNAPSHOT)
        if body["type_kind"] == "population":
            assert re.fullmatch(rf"{INSTANT} to {INSTANT}", stated["window"])
        else:
            assert stated["window"] == "none: state at one instant"
        assert_the_numbers_tie(leaf.body, stated, exchanges, oracle)
        for exchange in exchanges:
            assert_stated(exchange, EXCHANGE)


def assert_the_numbers_tie(
    body: dict[str, dict[str, str]], stated: dict[str, str], exchanges: list[str], oracle: Oracle
) -> None:
    """Pages, requests and records are as many as there are; each name leads to bytes with that hash."""
    pages, requests, digest = re.fullmatch(SNAPSHOT["exchanges"], stated["exchanges"]).groups()  # type: ignore[union-attr]
    identities = {fields(exchange)["identity"].split()[0] for exchange in exchanges}
    assert (int(pages), int(requests)) == (len(exchanges), len(identities))
    assert digest == body["exchanges"]["sha256"]
    records, named = re.fullmatch(SNAPSHOT["records"], stated["records"]).groups()  # type: ignore[union-attr]
    assert len(trace.lines(oracle.once.reader, {"sha256": named})) == int(records)
    for exchange in exchanges:
        name = fields(exchange)["raw answer"]
        assert hashlib.sha256(oracle.once.reader.content(name)).hexdigest() == name


def test_times_are_in_order_and_the_window_ends_before_the_reading_does(oracle: Oracle) -> None:
    for body in oracle.once.of_kind("evidence"):
        started, ended = (datetime.fromisoformat(body[name]) for name in ("started", "ended"))
        assert started.utcoffset() == ended.utcoffset() == datetime.now(UTC).utcoffset()
        assert started <= ended
        if body["window"]:
            assert datetime.fromisoformat(body["window"]["to"]) <= ended


def test_a_deviations_row_leads_to_the_raw_answer_it_was_read_from(oracle: Oracle, inside: Inside) -> None:
    (line,) = (
        one
        for one in oracle.once.outcomes("IAM-15")
        if one["outcome"] == Verdict.DEVIATION and one["item"] == "nw-prod-website"
    )
    (row_id,) = line["rows"]
    shown = inside("show", row_id)
    assert shown.code == 0, shown.text
    assert f"record {row_id}" in shown.out
    assert fields(shown.out.partition("\n\n")[0])["resource_id"] == "nw-prod-website"
    listed = next(block for block in shown.out.split("\n\n") if "s3:ListBuckets" in block)
    assert listed.startswith("read from Buckets[")
    name = fields(listed)["raw answer"]
    raw = inside("show", name)
    assert hashlib.sha256(raw.out.encode()).hexdigest() == name
    assert "<Name>nw-prod-website</Name>" in raw.out


def test_every_deviations_row_can_be_shown(oracle: Oracle, inside: Inside) -> None:
    """One of each control: each answer that a row names is among the exchanges of its snapshot."""
    for body in oracle.once.of_kind("outcome"):
        rows = [
            row for one in oracle.once.outcomes(body["control"]) if one["outcome"] == "deviation" for row in one["rows"]
        ]
        for row_id in rows[:1]:
            shown = inside("show", row_id)
            assert shown.code == 0, shown.text
            assert "\nread from " in shown.out


def test_a_hash_gives_exactly_the_bytes(oracle: Oracle) -> None:
    """Through a pipe, as `collector show HASH | sha256sum` does."""
    body = oracle.once.of_kind("evidence")[0]
    for name in (body["records"]["sha256"], body["exchanges"]["sha256"]):
        shown = oracle.once.program("show", name)
        assert shown.code == 0, shown.text
        assert hashlib.sha256(shown.out.encode()).hexdigest() == name
        assert shown.out.encode() == oracle.once.reader.content(name)
        assert shown.err == ""


def test_a_type_shows_its_newest_snapshot_in_every_account(oracle: Oracle, inside: Inside) -> None:
    shown = inside("show", "aws.kms.keys")
    titles = [line for line in shown.out.splitlines() if line.startswith("aws.kms.keys in ")]
    assert len(titles) == len(oracle.manifest["accounts"])


def test_the_leaves_of_a_run_and_of_an_outcome_can_be_shown(oracle: Oracle, inside: Inside) -> None:
    for leaf in oracle.once.leaves:
        if leaf.body["kind"] != "evidence":
            shown = inside("show", str(leaf.index))
            assert shown.code == 0, shown.text
            assert fields(shown.out)["leaf hash"] == leaf.hash
            assert fields(shown.out)["kind"] == leaf.body["kind"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("aws.iam.nothing", "nothing is sealed under this name"),
        ("99999", "the log has leaves 0 to"),
        ("ab" * 16, "no snapshot holds it"),
        ("ab" * 32, "holds no content"),
        ("zz", "nothing is sealed under this name"),
    ],
)
def test_an_unknown_name_is_bad_input(oracle: Oracle, name: str, says: str) -> None:
    shown = oracle.once.program("show", name)
    assert shown.code == 2, shown.text
    assert shown.out == ""
    (sentence,) = shown.err.splitlines()
    assert name in sentence
    assert says in sentence
