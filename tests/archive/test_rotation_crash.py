"""Replacing a key, and dying at every step of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from collector.archive import durable
from collector.archive.archive import Archive
from collector.archive.keyring import LOG
from collector.errors import ArchiveError, UsageError

from .conftest import AT, Judge, Place, commit
from .rotation import BOTH, faults, reloaded, reopened
from .saboteur import Crash, Saboteur

if TYPE_CHECKING:
    from pathlib import Path

STEPS = ["collector.key.next", "log/000000000001.seg", "log/000000000001.ckpt", "former.json", "log.pub", "pin.json"]


class Steps:
    """Every step that lasts: a put, or a small file. At number `die_at` the program dies, before or after it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, store: Judge, die_at: int, *, after: bool) -> None:
        self.seen: list[str] = []
        self.left = die_at
        self.after = after
        self.store = store
        beside = durable._beside

        def watched(path: Path, content: bytes, mode: int) -> Any:
            self.step(path.name, last=False)
            return beside(path, content, mode)

        monkeypatch.setattr(durable, "_beside", watched)
        for name in ("replace_file", "new_file"):
            self._watch(monkeypatch, name)

    def _watch(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        real = getattr(durable, name)

        def done(path: Path, *arguments: Any) -> None:
            real(path, *arguments)
            self.step(path.name, last=True)

        for module in ("keys", "pin"):
            monkeypatch.setattr(f"collector.archive.{module}.{name}", done, raising=False)

    def step(self, name: str, *, last: bool) -> None:
        if last == self.after:
            self.seen.append(name)
            self.left -= 1
            if self.left == -1:
                raise Crash

    def put_if_absent(self, key: str, content: bytes) -> bool:
        self.step(key, last=False)
        stored = self.store.put_if_absent(key, content)
        self.step(key, last=True)
        return stored

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("die_at", range(6))
@BOTH
def test_a_crash_at_any_step_loses_no_key(
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    role: str,
    die_at: int,
    after: bool,  # noqa: FBT001 - pytest passes it
) -> None:
    Archive.create(place.judge, place.keys, AT)
    with monkeypatch.context() as during:
        steps: Any = Steps(during, place.judge, die_at, after=after)
        dying = Archive.open(steps, reloaded(place))
        steps.seen.clear()
        steps.left = die_at
        try:
            dying.replace_key(role, AT)
            died = False
        except Crash:
            died = True
    expected = [step.replace("collector.key", f"{role}.key") for step in STEPS if role == LOG or step != "log.pub"]
    assert steps.seen == expected[: die_at + 1]
    assert died == (die_at < len(expected))
    assert faults(place, place.keys.log.verifier_key) == {}
    again = reopened(place)
    in_the_log = again.head.sequence == 1
    assert in_the_log == (died is False or (die_at, after) >= (1, True))
    commit(again, "r1", "a")
    assert (reloaded(place).signer(role).verifier_key == place.keys.signer(role).verifier_key) != in_the_log
    assert faults(place, pinned=reloaded(place).pin()) == {}
    again.replace_key(role, AT)
    commit(again, "r2", "b")
    assert not list(place.keys.directory.glob("*.next"))
    assert len(reloaded(place).ring.terms(role)) == 2 + in_the_log
    assert faults(place, place.keys.log.verifier_key, reloaded(place).pin()) == {}


@BOTH
def test_a_crash_between_the_last_two_names_is_made_good(place: Place, role: str) -> None:
    """former.json is written, the key not yet renamed: told by putting the renamed file back."""
    archive = Archive.create(place.judge, place.keys, AT)
    path = place.keys.directory / f"{role}.key"
    old, public = path.read_bytes(), (place.keys.directory / "log.pub").read_bytes()
    archive.replace_key(role, AT)
    path.rename(path.with_name(f"{role}.key.next"))
    path.write_bytes(old)
    path.chmod(0o600)
    (place.keys.directory / "log.pub").write_bytes(public)
    commit(reopened(place), "r1", "a")
    assert faults(place) == {}
    path.write_bytes(old)
    with pytest.raises(UsageError, match=rf"{role}.key is the key that commit 1 replaced"):
        reloaded(place)


@BOTH
def test_a_failed_put_can_be_repeated_by_opening_again(place: Place, role: str) -> None:
    Archive.create(place.judge, place.keys, AT)
    for position in range(2):
        broken = Archive.open(Saboteur(place.judge, position, stored=True), reloaded(place))
        with pytest.raises(ArchiveError, match="pulled out"):
            broken.replace_key(role, AT)
        commit(reopened(place), f"r{position}", str(position))
        assert faults(place, pinned=reloaded(place).pin()) == {}
