"""A host is lost: a new one goes on from the archive and a backup of the keys, however old that is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from tests.conftest import Program

if TYPE_CHECKING:
    from pathlib import Path

LITTLE = ("--only", "aws.iam.account_summary", "--scope", "northwind-prod")


def test_a_new_host_goes_on_from_the_archive_and_an_old_backup_of_the_keys(collector: Program, tmp_path: Path) -> None:
    assert collector("snapshot", *LITTLE).code == 0
    backup = shutil.copytree(collector.folder / "evidence.keys", tmp_path / "backup")
    for _ in range(2):
        assert collector("snapshot", *LITTLE).code == 0
    new = tmp_path / "new host"
    new.mkdir()
    shutil.copy(collector.folder / "collector.toml", new)
    shutil.copytree(collector.folder / "evidence", new / "evidence")
    shutil.copytree(backup, new / "evidence.keys")
    elsewhere = Program(new, collector.environment)
    assert elsewhere("snapshot", *LITTLE).code == 0
    assert elsewhere("verify").code == 0
    leaves = [leaf.body for leaf in Reader(LocalStore(new / "evidence")).leaves()]
    assert len([leaf for leaf in leaves if leaf["kind"] == "run"]) == 4
    # Nothing but the archive and the key's public half is needed to check it anywhere.
    key = (backup / "log.pub").read_text().strip()
    bare = tmp_path / "bare"
    bare.mkdir()
    assert Program(bare, {})("verify", "--archive", str(new / "evidence"), "--key", key).code == 0


def test_without_its_keys_it_stops_says_so_and_changes_nothing(collector: Program) -> None:
    assert collector("snapshot", *LITTLE).code == 0
    before = sorted(path.name for path in (collector.folder / "evidence" / "log").iterdir())
    shutil.move(collector.folder / "evidence.keys", collector.folder / "lost")
    ended = collector("snapshot", *LITTLE)
    assert ended.code in {2, 3}
    assert "evidence.keys" in ended.err
    assert "backup" in ended.err
    assert sorted(path.name for path in (collector.folder / "evidence" / "log").iterdir()) == before
