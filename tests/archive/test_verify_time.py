"""Steps 9 to 11: both verifiers name every token, cosignature and run that is not as it was."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.layout import checkpoint_key, segment_key, token_key
from collector.archive.local import LocalStore
from collector.archive.notes import signed_text
from collector.archive.time_leaves import TimeReading
from tests.doubles.tsa import NOW, TIME_STAMPING, Certified, forged, openssl_accepts, running_tsa
from tests.doubles.witness import running_witness

from .conftest import AT, Judge, Place
from .outside import Company, faults, now, stranger
from .test_verify import Changed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.doubles.tsa import TsaDouble


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """Three runs that nobody may change; tests work on it and put it back."""
    root = tmp_path_factory.mktemp("outside")
    (root / "tsa").mkdir()
    keys = Keys.create(root / "keys", "example.com/evidence")
    place = Place(root, keys, Judge(LocalStore(root / "evidence")))
    with ExitStack() as stack:
        authority = stack.enter_context(running_tsa(root / "tsa"))
        witness = stack.enter_context(running_witness(keys.log.verifier_key))
        Archive.create(place.judge, keys, AT)
        company = Company(place, [authority], [witness])
        for name in ("r1", "r2", "r3"):
            company.run(name)
        assert faults(company.verify()) == {}
        yield company


def outside(company: Company) -> list[str]:
    return [key for key in company.place.objects() if key.endswith((".tsr", ".cosig"))]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")  # over what we broke
@given(st.data())
def test_aq_03_any_flipped_bit_of_a_token_or_cosignature_is_named_by_both(sealed: Company, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(outside(sealed)))
    content = bytearray(sealed.place.path(key).read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with Changed(sealed.place, key, bytes(content)):
        for roots in (sealed.authorities, []):
            assert key in faults(sealed.verify(roots=roots))


# The version of the signed part, the tag of its algorithms and a parameter of one: the two read bent DER differently.
@pytest.mark.parametrize(("at", "bit"), [(34, 7), (35, 5), (50, 0), (50, 7)])
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")  # over what we broke
def test_a_token_that_one_can_still_read_shows_no_time_to_either(sealed: Company, at: int, bit: int) -> None:
    key = token_key(1)
    content = bytearray(sealed.place.path(key).read_bytes())
    content[at] ^= 1 << bit
    whole = len(sealed.verify().stamps)
    with Changed(sealed.place, key, bytes(content)):
        found = sealed.verify()
    assert key in faults(found)
    assert len(found.stamps) == whole - 1


def test_aq_03_any_removed_token_or_cosignature_is_named_by_both(sealed: Company) -> None:
    assert len(outside(sealed)) == 6
    for key in outside(sealed):
        with Changed(sealed.place, key, None):
            assert faults(sealed.verify())[key].startswith("missing: log/")


def test_swapped_tokens_are_named_by_both(sealed: Company) -> None:
    one, other = (sealed.place.path(token_key(sequence)).read_bytes() for sequence in (1, 3))
    with Changed(sealed.place, token_key(1), other), Changed(sealed.place, token_key(3), one):
        assert {token_key(1), token_key(3)} <= faults(sealed.verify()).keys()


def test_a_token_over_a_commit_that_is_not_there_shows_that_the_end_is_gone(sealed: Company) -> None:
    token = sealed.place.path(token_key(5)).read_bytes()
    with Changed(sealed.place, token_key(9), token):
        assert "the log" in faults(sealed.verify())[token_key(9)]


def test_names_that_no_outsider_has_have_no_place_in_a_log(sealed: Company) -> None:
    for key in ("log/000000000001.tsr3", "log/000000000001.tsr1", "log/1.cosig"):
        with Changed(sealed.place, key, b"x"):
            assert faults(sealed.verify())[key] == "has no place in a log"


def test_without_roots_and_keys_it_says_that_nobody_was_believed(sealed: Company) -> None:
    witnesses, sealed.witnesses = sealed.witnesses, []
    try:
        report = sealed.verify(roots=[])
    finally:
        sealed.witnesses = witnesses
    assert faults(report) == {}
    assert any(note.startswith("Not checked: who made the 3 time-stamp tokens") for note in report.notes)
    assert any(note.startswith("Not checked: the signatures of witnesses on 3 heads") for note in report.notes)
    assert (report.stamps, report.cosigned) == ([], [])


def test_a_forged_token_with_its_own_root_inside_is_refused_by_both(company: Company, tmp_path: Path) -> None:
    """By somebody who can write to the store while no token is there, and to whom no leaf is an obstacle."""
    company.authorities, keep = [], company.authorities
    company.run("r1")
    company.authorities = keep
    their_root = Certified.make(tmp_path, "Time Root")
    them = Certified.make(tmp_path, "Time Authority", their_root, purposes=TIME_STAMPING)
    text = signed_text(company.place.path(checkpoint_key(1)).read_bytes())
    company.place.disk.put_if_absent(token_key(1), forged(text, NOW, them, their_root))
    assert "can be believed" in faults(company.verify())[token_key(1)]


def test_a_token_of_an_authority_that_has_expired_holds_at_its_own_time(company: Company, tmp_path: Path) -> None:
    """`openssl ts -verify -attime` agrees; without `-attime` it does not."""
    then = NOW - timedelta(days=900)
    year = timedelta(days=365)
    root = Certified.make(tmp_path, "Old Root", since=then - year, until=then + year)
    old = Certified.make(tmp_path, "Old", root, purposes=TIME_STAMPING, since=then - year, until=then + year)
    company.clock = lambda: then
    double = company.authorities[0]
    company.authorities = []
    company.run("r1")
    company.authorities = [type(double)(root, old)]
    text = signed_text(company.place.path(checkpoint_key(1)).read_bytes())
    token = forged(text, then, old)
    company.place.disk.put_if_absent(token_key(1), token)
    report = company.verify()
    assert faults(report) == {}
    assert [stamp.time.time for stamp in report.stamps] == [then]
    assert openssl_accepts(token, text, root, then)
    assert not openssl_accepts(token, text, root)


def test_a_run_dated_back_is_found_by_both(company: Company) -> None:
    company.run("r1")
    company.clock = lambda: now() - timedelta(days=1)
    company.run("r2")
    found = faults(company.verify())
    assert found.keys() == {segment_key(3)}
    assert "cites a token of" in found[segment_key(3)]


def test_a_run_dated_forward_is_found_by_both(company: Company) -> None:
    company.clock = lambda: now() + timedelta(days=1)
    company.run("r1")
    company.clock = now
    company.run("r2")
    found = faults(company.verify())
    assert found.keys() == {segment_key(1)}
    assert "already over it" in found[segment_key(1)]


def test_a_head_stamped_earlier_than_the_token_it_holds_is_found_by_both(
    company: Company, authority: TsaDouble
) -> None:
    company.run("r1")
    company.authorities = []
    company.run("r2")
    company.authorities = [authority]
    text = signed_text(company.place.path(checkpoint_key(3)).read_bytes())
    company.place.disk.put_if_absent(token_key(3), forged(text, NOW - timedelta(hours=1), authority.signer))
    assert "before a token that its own head holds" in faults(company.verify())[token_key(3)]


def test_crosswise_stamps_of_two_writers_are_no_fault(company: Company, authority: TsaDouble) -> None:
    slow, fast = (Archive.open(company.place.judge, company.place.keys) for _ in range(2))
    company.authorities = []
    order, gathered = company.gather("slow", slow)
    company.run("fast", fast)
    company.authorities = [authority]
    for sequence, minutes in ((1, 30), (2, 0)):
        text = signed_text(company.place.path(checkpoint_key(sequence)).read_bytes())
        token = forged(text, now() + timedelta(minutes=minutes), authority.signer)
        company.place.disk.put_if_absent(token_key(sequence), token)
    assert order
    assert gathered
    report = company.verify()
    assert faults(report) == {}
    assert any(note.startswith("Stamped late: ") for note in report.notes)


def test_a_witness_that_signed_more_than_there_is_shows_that_the_end_is_gone(company: Company) -> None:
    """It is the one word for it where pin and objects were set back together."""
    archive = Archive.open(company.place.judge, company.place.keys)
    failure = {"kind": "time", "run": "r", "commit": 0, "party": "witness", "name": "w", "cause": "superseded"}
    with archive.stage(AT) as staging:
        archive.append([failure | {"detail": "", "size": 3}, failure | {"detail": "", "size": 2, "name": "v"}], staging)
    assert faults(company.verify()) == {}
    with archive.stage(AT) as staging:
        archive.append([failure | {"detail": "", "size": 99}], staging)
    assert "has signed a tree of 99 leaves" in faults(company.verify())[checkpoint_key(0)]


# Leaves that say it wrongly: both call the same ones wrong, and neither falls over.

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 9),
    st.sampled_from(["", "r", "2026-11-01T12:00:00Z", "2026-11-01T12:00:00", "0001-01-01T00:00:00+23:00", "0" * 64]),
)
MEMBERS = st.sampled_from(
    ["run", "commit", "started", "ended", "after_token", "vouchers", "objects", "object", "digest", "party", "name"]
)
SHAPES = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(MEMBERS | st.just("authorities"), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(["run", "time", "vouched", "storage", "other"]), st.dictionaries(MEMBERS, SHAPES, max_size=6))
def test_both_refuse_the_same_leaves(kind: str, members: dict[str, Any]) -> None:
    leaf = {"run": "r"} | members | {"kind": kind}
    if not isinstance(leaf["run"], str):
        leaf["run"] = "r"
    assert refuses(TimeReading().take, 1, leaf) == refuses(stranger.Times().take, leaf, 1)


def refuses(take: Callable[..., None], *given: object) -> bool:
    try:
        take(*given)
    except ValueError:
        return True
    return False
