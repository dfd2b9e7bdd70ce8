"""Trusted time and witnesses over real runs: who vouched is on record, who did not is too, and no run fails for it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from collector import canonical
from collector.archive.archive import Archive
from collector.archive.growth import proof_to
from collector.archive.keys import Keys
from collector.archive.layout import checkpoint_key, cosignature_key, segment_key, token_key
from collector.archive.notes import signed_text
from collector.archive.proofs import check_consistency
from collector.archive.segment import decode
from collector.run import judge
from tests.doubles.tsa import forged, running_tsa
from tests.doubles.witness import running_witness

from .conftest import AT, Judge, Place, commit
from .outside import Company, faults, now

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tests.doubles.tsa import TsaDouble
    from tests.doubles.witness import WitnessDouble


# What is on record.


def test_a_run_is_stamped_and_witnessed_and_both_verifiers_say_so(company: Company, witness: WitnessDouble) -> None:
    finished = company.run("r1")
    assert [(one.party.value, one.cause) for one in finished.vouched.vouchers] == [("authority", ""), ("witness", "")]
    assert finished.complete
    report = company.verify()
    assert faults(report) == {}
    assert [(stamp.commit, stamp.object) for stamp in report.stamps] == [(1, token_key(1))]
    assert [(one.commit, one.witness) for one in report.cosigned] == [(1, witness.name)]
    assert abs(report.stamps[0].time.time - now()) < timedelta(minutes=5)
    assert company.leaves("time") == []
    (vouched,) = company.leaves("vouched")
    assert [one["object"] for one in vouched["objects"]] == [token_key(1), cosignature_key(1)]


def test_each_run_cites_the_token_before_it(company: Company) -> None:
    for name in ("r1", "r2", "r3"):
        company.run(name)
    cited = [run["after_token"] for run in company.leaves("run")]
    assert cited[0] is None
    for one, sequence in zip(cited[1:], (1, 3), strict=True):
        token = company.place.path(token_key(sequence)).read_bytes()
        assert one == {"commit": sequence, "object": token_key(sequence), "digest": canonical.digest(token)}
    report = company.verify()
    assert faults(report) == {}
    assert report.trusted_time.startswith("3 tokens, from 20")


def test_two_authorities_are_asked_side_by_side(company: Company, authority: TsaDouble, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    with running_tsa(tmp_path / "second") as second:
        company.authorities = [authority, second]
        company.run("r1")
        authority.mode = "500"
        company.run("r2")
        company.run("r3")
        assert {key for key in company.place.objects() if ".tsr" in key} == {
            token_key(1), token_key(1, "tsr2"), token_key(3, "tsr2"), token_key(5, "tsr2"),
        }  # fmt: skip
        assert company.leaves("run")[2]["after_token"]["object"] == token_key(3, "tsr2")
        assert faults(company.verify()) == {}


def test_without_outsiders_nothing_is_asked_and_nothing_said(company: Company) -> None:
    company.authorities, company.witnesses = [], []
    company.run("r1")
    (run,) = company.leaves("run")
    assert run["after_token"] is None
    assert run["vouchers"] == {"authorities": [], "witnesses": []}
    assert not company.leaves("vouched") + company.leaves("time")
    report = company.verify()
    assert faults(report) == {}
    assert report.trusted_time == "no token of a trusted authority"


# Parties that fail.


@pytest.mark.parametrize(
    ("mode", "cause"),
    [
        ("500", "refused"), ("redirect", "refused"), ("hangs up", "unreachable"), ("wrong nonce", "invalid"),
        ("wrong imprint", "invalid"), ("rejection", "invalid"), ("no certificate", "invalid"), ("garbage", "invalid"),
        ("endless", "unreachable"),
    ],
)  # fmt: skip
def test_an_authority_that_fails_or_lies_is_on_record_and_a_later_token_covers(
    company: Company, authority: TsaDouble, mode: str, cause: str
) -> None:
    authority.mode = mode
    finished = company.run("r1")
    assert finished.complete
    (failure,) = company.leaves("time")
    assert (failure["commit"], failure["party"], failure["name"]) == (1, "authority", authority.url)
    assert failure["cause"] == cause
    assert failure["detail"]
    authority.mode = "well"
    company.run("r2")
    report = company.verify()
    assert faults(report) == {}
    assert [stamp.commit for stamp in report.stamps] == [3]


def test_slow_ones_cost_one_timeout_together(company: Company, authority: TsaDouble, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    with running_tsa(tmp_path / "second") as second:
        company.authorities, company.timeout = [authority, second], 1.5
        authority.mode = second.mode = "slow"
        began = monotonic()
        finished = company.run("r1")
        took = monotonic() - began
        assert finished.complete
        assert {one["cause"] for one in company.leaves("time")} == {"unreachable"}
        assert len(company.leaves("time")) == 2
        assert took < 30, "the doubles would have held each of them up for 30 s"
        assert faults(company.verify()) == {}


def off_by(span: timedelta) -> datetime:
    return now() + span


def test_a_clock_that_contradicts_ours_is_on_record(company: Company) -> None:
    for name, off in (("r1", timedelta(hours=-3)), ("r2", timedelta(hours=3))):
        company.clock = partial(off_by, off)
        company.run(name)
    assert [one["cause"] for one in company.leaves("time")] == ["clock", "clock"]
    assert "one of them is wrong" in company.leaves("time")[0]["detail"]
    assert not [key for key in company.place.objects() if ".tsr" in key]


@pytest.mark.parametrize(
    ("mode", "cause"),
    [("500", "invalid"), ("garbage", "invalid"), ("forgery", "invalid"), ("conflict as text", "invalid")],
)
def test_a_witness_that_fails_or_lies_is_on_record(
    company: Company, witness: WitnessDouble, mode: str, cause: str
) -> None:
    witness.mode = mode
    assert company.run("r1").complete
    (failure,) = company.leaves("time")
    assert (failure["party"], failure["name"], failure["cause"]) == ("witness", witness.name, cause)
    witness.mode = "well"
    company.run("r2")
    report = company.verify()
    assert faults(report) == {}
    assert [one.commit for one in report.cosigned] == [3]


def test_a_witness_that_does_not_know_the_log_is_on_record(company: Company, witness: WitnessDouble) -> None:
    witness.logs.clear()
    assert company.run("r1").complete
    assert [one["cause"] for one in company.leaves("time")] == ["unknown_log"]


def test_a_run_cut_short_before_anybody_was_asked_is_noted_and_covered_later(company: Company) -> None:
    company.gather("r1", Archive.open(company.place.judge, company.place.keys))
    company.run("r2")
    report = company.verify()
    assert faults(report) == {}
    assert sum(note.startswith("Not vouched for: run 'r1'") for note in report.notes) == 2
    assert [stamp.commit for stamp in report.stamps] == [2]


def test_what_somebody_put_in_the_place_of_a_token_is_named_and_the_run_goes_on(company: Company) -> None:
    company.place.disk.put_if_absent(token_key(1), b"mine")
    company.place.disk.put_if_absent(cosignature_key(1), b"mine\n")
    assert company.run("r1").complete
    assert [one["cause"] for one in company.leaves("time")] == ["taken", "taken"]
    assert faults(company.verify()).keys() == {token_key(1), cosignature_key(1)}


def test_a_token_that_is_there_already_is_kept(company: Company, authority: TsaDouble) -> None:
    """As after a reply that was lost on its way."""
    archive = Archive.open(company.place.judge, company.place.keys)
    order, gathered = company.gather("r1", archive)
    text = signed_text(company.place.path(checkpoint_key(1)).read_bytes())
    token = forged(text, now(), authority.signer)
    company.place.disk.put_if_absent(token_key(1), token)
    judge(order, gathered, archive, company.place.judge, company.clock)
    assert company.place.path(token_key(1)).read_bytes() == token
    assert company.leaves("time") == []
    assert faults(company.verify()) == {}


# Witnesses.


def test_a_witness_stays_consistent_over_commits_and_two_writers(company: Company, witness: WitnessDouble) -> None:
    one, other = (Archive.open(company.place.judge, company.place.keys) for _ in range(2))
    for number in range(3):
        company.run(f"one{number}", one)
        company.run(f"other{number}", other)
    report = company.verify()
    assert faults(report) == {}
    assert len(report.cosigned) == 6
    assert witness.heads[company.place.keys.origin][0] > 12


def test_a_witness_that_missed_commits_is_given_the_proof_from_any_earlier_head(
    company: Company, witness: WitnessDouble
) -> None:
    company.run("r1")
    archive = Archive.open(company.place.judge, company.place.keys)
    for number in range(9):
        commit(archive, f"between{number}", "x", f"y{number}")
    company.run("r2")
    assert not company.leaves("time")
    remembered = company.place.path(checkpoint_key(1)).read_bytes().split(b"\n")[1]
    assert witness.requests[-1].startswith(b"old " + remembered + b"\n")


def test_a_second_witness_that_stands_elsewhere_says_so_and_is_proved_to(company: Company, place: Place) -> None:
    company.run("r1")
    company.run("r2")
    with running_witness(place.keys.log.verifier_key) as second:
        second.name = "late.example/w2"
        company.witnesses = [*company.witnesses, second]
        company.run("r3")
        assert not company.leaves("time")
        assert [request.split(b"\n")[0] for request in second.requests][-1] == b"old 0"
        assert len(company.verify(roots=[]).cosigned) == 4
        assert company.place.path(cosignature_key(5)).read_bytes().count(b"\n") == 2


def test_a_faster_writer_is_harmless(company: Company, witness: WitnessDouble) -> None:
    slow, fast = (Archive.open(company.place.judge, company.place.keys) for _ in range(2))
    order, gathered = company.gather("slow", slow)
    company.run("fast", fast)
    finished = judge(order, gathered, slow, company.place.judge, company.clock)
    assert finished.complete
    (failure,) = company.leaves("time")
    assert (failure["cause"], failure["size"]) == ("superseded", witness.heads[company.place.keys.origin][0])
    assert faults(company.verify()) == {}


def test_a_witness_that_knows_a_longer_log_shows_that_the_end_was_cut_off(
    company: Company, tmp_path: Path, witness: WitnessDouble
) -> None:
    """Both the pin and the objects were set back, by somebody who has all the keys."""
    company.run("r1")
    kept = {path: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    company.run("r2")
    for key in company.place.objects():
        if key.startswith(("log/000000000003", "log/000000000004")):
            company.place.path(key).unlink()
    for path, content in kept.items():
        path.write_bytes(content)
    company.place = Place(company.place.root, Keys.load(tmp_path / "keys"), Judge(company.place.disk))
    # The same number of leaves, and others: the witness has signed another history.
    finished = company.run("instead")
    assert finished.vouched.forked
    assert not finished.complete
    (failure,) = company.leaves("time")
    assert failure["cause"] == "forked"
    assert faults(company.verify())[checkpoint_key(3)].startswith("FORK: the witness witness.example/w1")
    assert witness.heads


# Proofs.


def test_any_two_heads_of_a_log_are_proved_consistent(place: Place) -> None:
    archive = Archive.create(place.judge, place.keys, AT)
    for number in range(12):
        commit(archive, f"r{number}", *("x" * part for part in range(number % 4)))
    trees = [decode(place.path(segment_key(number)).read_bytes()).segment.after() for number in range(13)]
    sizes = {tree.size for tree in trees} | {0}
    for sequence, tree in enumerate(trees):
        for size in range(tree.size + 1):
            proof = proof_to(place.disk, sequence, size)
            assert (proof is None) == (size not in sizes)
            if proof is not None and size:
                old = next(one for one in trees if one.size == size)
                check_consistency(size, old.root(), tree.size, tree.root(), proof)
