from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from collector.archive.reader import Leaf
from collector.archive.report import Cosigned, Stamp
from collector.archive.timestamp_verify import GenTime
from collector.package.facts import Verification
from collector.package.gathered import Gathered
from collector.package.sealed import Cited, RunBody, TimeBody, Token, Vouchers
from collector.package.vouched import words

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
COMMIT = 5


def run(*withheld: TimeBody, **changed: Any) -> Gathered:
    known: dict[str, Any] = {"vouchers": Vouchers(("https://tsa.example",), ("w.example",))} | changed
    body = RunBody("r", "snapshot", "", "", "ok", 0, 0, [], Cited("", 0), "1", "", **known)
    return Gathered(Leaf(9, COMMIT, "", {}), body, (), (), withheld)


def stamp(commit: int, minutes: int) -> Stamp:
    shown = GenTime(AT + timedelta(minutes=minutes), timedelta(seconds=1), "CN=Time Authority")
    return Stamp(commit, f"log/{commit:012d}.tsr", shown)


def said(gathered: Gathered, **known: Any) -> list[tuple[str, bool]]:
    return [(word.text, word.lacking) for word in words(gathered, Verification(**known))]


def test_a_run_between_two_tokens() -> None:
    gathered = run(after_token=Token(3, "log/000000000003.tsr", "00" * 32))
    cosigned = (Cosigned(3, "early.example", AT), Cosigned(COMMIT, "w.example", AT))
    assert said(gathered, stamps=(stamp(1, 0), stamp(3, 10), stamp(5, 20), stamp(7, 30)), cosigned=cosigned) == [
        ("Begun after 2026-11-01 12:10:00 UTC: it cites the token of commit 3.", False),
        ("Evidence sealed by 2026-11-01 12:20:00 UTC: stamped by CN=Time Authority.", False),
        ("The outcomes were sealed after that; the token of the next run covers them.", False),
        ("Witnessed at 2026-11-01 12:00:00 UTC by w.example.", False),
    ]


def test_a_run_that_only_a_later_token_covers() -> None:
    failed = TimeBody("authority", "https://tsa.example", "refused", "answered HTTP 500")
    assert said(run(failed), stamps=(stamp(7, 30),)) == [
        (
            "Evidence sealed by 2026-11-01 12:30:00 UTC: first stamped with the later commit 7, by CN=Time Authority.",
            False,
        ),
        ("Not stamped by https://tsa.example: answered HTTP 500.", True),
    ]


def test_what_a_witness_did_not_give() -> None:
    assert said(
        run(TimeBody("witness", "w", "forked", "has signed another history"), TimeBody("witness", "v", "invalid", "x"))
    ) == [("FORK: the witness w: has signed another history.", True), ("Not witnessed by v: x.", True)]


def test_it_is_never_silent() -> None:
    assert said(run())[0][0].startswith("Not checked: ")
    assert said(run(vouchers=Vouchers()))[0][0].startswith("None: nobody outside was asked")
