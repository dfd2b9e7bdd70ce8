"""A run split over processes: every task is read once, the shards are judged together, and only when all are there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.connector import Per
from collector.errors import UsageError
from collector.model import Scope
from collector.plan import Task
from collector.registry import load
from collector.shards import Shard, plan_digest
from tests.cli.oracle import Archive

if TYPE_CHECKING:
    from tests.conftest import Program

FEW = ("--only", "aws.iam.credential_report", "--only", "aws.backup.jobs", "--only", "aws.org.accounts")
TYPES = sorted(load(["aws"])[0]["aws"].types.values(), key=lambda one: one.id)


def tasks_in(units: list[str]) -> list[Task]:
    scopes = [Scope("aws", unit, "") for unit in units]
    return [Task(one, scope, None) for one in TYPES for scope in scopes if one.per is not Per.ESTATE]


@given(
    st.lists(st.text("0123456789", min_size=12, max_size=12), min_size=1, max_size=8, unique=True), st.integers(1, 9)
)
def test_every_task_is_in_exactly_one_share_whatever_the_order(units: list[str], of: int) -> None:
    tasks = tasks_in(units)
    shares = [Shard("r", index, of).share(reversed(tasks)) for index in range(1, of + 1)]
    assert sorted(map(id, tasks)) == sorted(id(task) for share in shares for task in share)
    assert plan_digest(tasks) == plan_digest(reversed(tasks)) != plan_digest(tasks[1:])


@pytest.mark.parametrize("text", ["", "2", "0/2", "3/2", "1/0", "1/2/3", "-1/2", "1/1001", "a/b", "1/²"])
def test_what_is_no_share_is_bad_input(text: str) -> None:
    with pytest.raises(UsageError, match="write it as 2/5"):
        Shard.parse(text, "r")


@pytest.mark.timeout(300)
def test_shards_at_once_are_judged_as_the_run_they_make(collector: Program) -> None:
    assert collector("snapshot", "--only", "aws.backup.jobs").code == 0
    early = collector("assess", "--run", "daily-1")
    assert (early.code, "no shard of this run is sealed" in early.err) == (2, True), early.text

    def collect(index: int) -> int:
        return collector("snapshot", *FEW, "--shard", f"{index}/3", "--run", "daily-1").code

    assert collect(2) in {0, 1}
    early = collector("assess", "--run", "daily-1")
    assert (early.code, "missing of 3: 1, 3" in early.err) == (2, True), early.text
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(collect, (1, 3)))
    assert set(codes) <= {0, 1}
    assert collect(2) == 2, "a shard is sealed once"
    judged = collector("assess", "--run", "daily-1")
    assert judged.code in {0, 1}, judged.text
    assert collector("assess", "--run", "daily-1").code == 2, "and judged once"
    whole = collector("snapshot", *FEW)
    assert "Traceback" not in judged.text + whole.text
    archive = Archive(collector.folder)
    _, *shards, joined, single = archive.of_kind("run")
    assert sorted((one["shard"]["index"], one["shard"]["of"], one["shard"]["run"]) for one in shards) == [
        (index, 3, "daily-1") for index in (1, 2, 3)
    ]
    assert (joined["run"], joined["expected"], joined["mode"]) == ("daily-1", 0, "assess")
    assert joined["shards"] == [f"daily-1.{index}of3" for index in (1, 2, 3)]
    evidence = {name: {(one["type"], one["unit"]) for one in of} for name, of in by_run(archive, "evidence").items()}
    parts = [evidence[name] for name in joined["shards"] if name in evidence]
    assert set().union(*parts) == evidence[single["run"]]
    assert sum(map(len, parts)) == len(evidence[single["run"]])
    assert not by_run(archive, "outcome").keys() & set(joined["shards"]), "a shard judges nothing"
    said = {
        run: [(one["control"], one["counts"]) for one in by_run(archive, "outcome")[run]]
        for run in ("daily-1", single["run"])
    }
    assert said["daily-1"] == said[single["run"]], "the shards are judged as the same run in one piece is"
    assert collector("verify").code == 0
    for arguments in (["report"], ["export"]):
        assert collector(*arguments, "--run", "daily-1").code == 0


def by_run(archive: Archive, kind: str) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for body in archive.of_kind(kind):
        found.setdefault(body["run"], []).append(body)
    return found


def test_shards_of_two_plans_are_not_judged(bare: Program) -> None:
    bare("init")
    assert bare("snapshot", "--only", "aws.backup.jobs", "--shard", "1/2", "--run", "r").code == 0
    assert bare("snapshot", "--only", "aws.backup.*", "--shard", "2/2", "--run", "r").code in {0, 1}
    told = bare("assess", "--run", "r")
    assert told.code == 2
    assert "not cut from one plan" in told.err


@pytest.mark.parametrize("given", [["--shard", "1/2"], ["--run", "r"], ["--shard", "1/2", "--run", "no spaces"]])
def test_shard_and_run_go_together(bare: Program, given: list[str]) -> None:
    ended = bare("snapshot", *given)
    assert ended.code == 2, ended.text
    assert "--run" in ended.err
    assert not (bare.folder / "evidence").exists()
