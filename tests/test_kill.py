"""The whole program killed at each put of a run, as a real process death; then whoever comes next must find all well.

A first run makes eight puts: the log's first commit and its checkpoint; the evidence's pack, segment and checkpoint;
the judgement's pack, segment and checkpoint. It dies before each, after each, and while the bytes have no name yet.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from tests.doubles.mortal import KILLED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Estate

    Run = Callable[..., dict[str, Any]]

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SNAPSHOT = ("snapshot", "--only", "aws.org.accounts")
PUTS = [
    "log/000000000000.seg",
    "log/000000000000.ckpt",
    "log/000000000000.seg",  # once more: a place that takes it twice is refused
    "packs/",
    "log/000000000001.seg",
    "log/000000000001.ckpt",
    "packs/",
    "log/000000000002.seg",
    "log/000000000002.ckpt",
]
GENESIS, EVIDENCE, JUDGEMENT = (PUTS.index(f"log/00000000000{commit}.seg") for commit in range(3))
DEATHS = [(at, moment) for at in range(len(PUTS)) for moment in ("before", "after")]
DEATHS += [(at, "within") for at in (GENESIS, EVIDENCE)]


@pytest.fixture(scope="module")
def start(seeded: Estate) -> Iterator[Run]:
    """Start a command in a folder; `at` and `moment` say when it dies."""
    seeded.double.clear_faults()
    # The command is this interpreter and a constant.
    with subprocess.Popen(
        [sys.executable, "-m", "tests.doubles.mortal"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **seeded.double.environment},
    ) as warm:

        def run(folder: Path, *arguments: str, at: int = -1, moment: str = "") -> dict[str, Any]:
            assert warm.stdin is not None
            assert warm.stdout is not None
            given = {"folder": str(folder), "arguments": arguments, "at": at, "moment": moment}
            warm.stdin.write(json.dumps(given) + "\n")
            warm.stdin.flush()
            ended: dict[str, Any] = json.loads(warm.stdout.readline())
            return ended

        yield run
        assert warm.stdin is not None
        warm.stdin.close()


@pytest.fixture
def folder(tmp_path: Path, seeded: Estate) -> Path:
    settings = f'[collect]\nthreads = 2\n[aws]\nrole = "{seeded.manifest["role"]}"\ntimeout_seconds = 5\nattempts = 1\n'
    (tmp_path / "collector.toml").write_text(settings)
    return tmp_path


def leaves(folder: Path) -> list[dict[str, Any]]:
    return [leaf.body for leaf in Reader(LocalStore(folder / "evidence")).leaves()]


def assert_whole_runs(found: list[dict[str, Any]]) -> list[str]:
    """Every run once, with as much evidence as it says, and judged at most once; returns their ids, oldest first."""
    runs = [leaf for leaf in found if leaf["kind"] == "run"]
    ids = [str(leaf["run"]) for leaf in runs]
    assert len(set(ids)) == len(ids), "a run was sealed twice"
    evidence = Counter(leaf["run"] for leaf in found if leaf["kind"] == "evidence")
    assert evidence == {leaf["run"]: leaf["expected"] for leaf in runs}, "a run was sealed by half"
    outcomes = Counter((leaf["run"], leaf["control"]) for leaf in found if leaf["kind"] == "outcome")
    assert set(outcomes.values()) <= {1}, "a run was judged twice"
    assert {run for run, _ in outcomes} <= set(ids), "a run that is not there was judged"
    return ids


def test_these_are_all_the_puts_of_a_first_run(start: Run, folder: Path) -> None:
    ended = start(folder, *SNAPSHOT)
    assert ended["code"] == 0, ended["out"]
    assert len(ended["puts"]) == len(PUTS)
    assert all(key.startswith(known) for key, known in zip(ended["puts"], PUTS, strict=True)), ended["puts"]
    assert len(assert_whole_runs(leaves(folder))) == 1


@pytest.mark.parametrize(("at", "moment"), DEATHS)
def test_killed_at_any_put(start: Run, folder: Path, at: int, moment: str) -> None:
    died = start(folder, *SNAPSHOT, at=at, moment=moment)
    assert died["code"] == KILLED, died["out"]
    assert len(died["puts"]) == at + 1
    reached = at + (moment == "after")
    checked = start(folder, "verify")
    if reached > GENESIS:
        assert checked["code"] == 0, checked["out"]
        assert "FAULT" not in checked["out"]
        sealed = assert_whole_runs(leaves(folder))
        assert len(sealed) == (reached > EVIDENCE)
        judged = [leaf for leaf in leaves(folder) if leaf["kind"] == "outcome"]
        assert bool(judged) == (reached > JUDGEMENT)
    else:
        # Nothing was ever committed: there is no archive that could be called sound.
        assert checked["code"] != 0, checked["out"]
        assert "sound" not in checked["out"]
        sealed = []
    again = start(folder, *SNAPSHOT)
    assert again["code"] == 0, again["out"]
    checked = start(folder, "verify")
    assert checked["code"] == 0, checked["out"]
    runs = assert_whole_runs(leaves(folder))
    assert runs[:-1] == sealed, "what was sealed before the death stands, and one run was added"
    assert {leaf["run"] for leaf in leaves(folder) if leaf["kind"] == "outcome"} >= {runs[-1]}
    if moment == "before":
        return  # the same objects as after the put before it
    reported = start(folder, "report")
    assert reported["code"] == 0, reported["out"]
    page = (folder / "report" / "index.html").read_text()
    assert runs[-1] in page
