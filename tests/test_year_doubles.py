"""The doubles of the simulated year: each shows the moment it was told, and remembers nothing that has changed."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.doubles.aws.clients import Account
from tests.doubles.github.estate.build import build
from tests.doubles.github.estate.size import SMALL
from tests.doubles.year import almanac, aws
from tests.doubles.year.almanac import BUCKET, CLOSED, END, OPENED, START
from tests.doubles.year.build import moments
from tests.doubles.year.github_past import as_of, in_order
from tests.doubles.year.staff import staff

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.doubles.github.estate.nouns import Organisation
    from tests.doubles.year.aws import AwsYear

HOUR = timedelta(hours=1)
YET_TO_COME = {"expires_at"}


@pytest.fixture(scope="module")
def org() -> Organisation:
    made = build(SMALL, seed=7, end=END).org
    in_order(made)
    return made


def times(one: Any) -> Iterator[tuple[str, datetime]]:
    """Every moment in it, with the name of its field; what cannot have happened yet is left out by name."""
    if isinstance(one, dict):
        one = list(one.values())
    if isinstance(one, list | tuple):
        for part in one:
            yield from times(part)
    elif is_dataclass(one):
        for field in fields(one):
            value = getattr(one, field.name)
            if isinstance(value, datetime) and field.name not in YET_TO_COME:
                yield f"{type(one).__name__}.{field.name}", value
            elif not isinstance(value, datetime):
                yield from times(value)


@pytest.mark.parametrize("day", [0, 1, 100, 200, 364])
def test_an_organisation_in_the_past_knows_nothing_of_its_future(org: Organisation, day: int) -> None:
    now = almanac.at(day, 2, 5)
    then = as_of(org, now)
    shown = [then.repos, then.audit, then.suites, then.invitations, then.alerts, then.secrets, then.hooks]
    assert {name for name, at in times(shown) if at > now} == set()
    for repo in then.repos.values():
        assert set(repo.branches.values()) <= set(repo.commits)
        born = [(repo.pulls.get(n) or repo.issues[n]).created_at for n in sorted({*repo.pulls, *repo.issues})]
        assert born == sorted(born)
        assert all(one.created_at <= one.updated_at for one in repo.pulls.values())
        assert all(one.created_at <= one.updated_at for one in repo.issues.values())
        assert {sha for pull in repo.pulls.values() for sha in pull.commits[1:]} <= set(repo.commits)
        assert all(pull.open == (pull.closed_at is None) for pull in repo.pulls.values())
        assert all((pull.merged_at is None) == (pull.merge_sha is None) for pull in repo.pulls.values())


def test_what_was_merged_stays_so_and_more_comes(org: Organisation) -> None:
    merged: set[tuple[str, int]] = set()
    for day in range(0, 366, 30):
        then = as_of(org, almanac.at(day))
        found = {(name, n) for name, repo in then.repos.items() for n, pull in repo.pulls.items() if pull.merged_at}
        assert merged <= found
        merged = found
    assert len(merged) > 50


def test_at_its_end_an_organisation_is_as_it_was_made(org: Organisation) -> None:
    then = as_of(org, END + timedelta(days=1))
    assert {name: repo.pulls for name, repo in then.repos.items()} == {n: repo.pulls for n, repo in org.repos.items()}
    assert {name: repo.commits for name, repo in then.repos.items()} == {n: r.commits for n, r in org.repos.items()}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsYear]:
    folder: Path = tmp_path_factory.mktemp("aws")
    chance = Random(1)  # noqa: S311 - a simulation
    with aws.running(staff(chance), chance, folder) as estate:
        yield estate


def test_the_aws_of_the_year_answers_from_memory_until_something_changes(running: AwsYear) -> None:
    account = Account.management(running.environment["AWS_ENDPOINT_URL"])
    s3 = account.client("s3")

    def public() -> bool:
        try:
            s3.get_bucket_policy(Bucket=BUCKET)
        except s3.exceptions.ClientError:
            return False
        return True

    def asked() -> tuple[int, int]:
        running.move(running_moment[0])
        return running.counts["asked"], running.counts["passed"]

    running_moment = [OPENED - HOUR]
    running.move(OPENED - HOUR)
    assert not public()
    before = asked()
    assert not public()
    after = asked()
    assert (after[0] - before[0], after[1] - before[1]) == (1, 0), "given again, and moto was not asked"
    running_moment[0] = OPENED + HOUR
    running.move(OPENED + HOUR)
    assert public()
    running_moment[0] = CLOSED + HOUR
    running.move(CLOSED + HOUR)
    assert not public()


def test_the_aws_of_the_year_has_the_time_it_was_told(running: AwsYear) -> None:
    running.move(CLOSED + 2 * HOUR)
    account = Account.management(running.environment["AWS_ENDPOINT_URL"])
    answer = account.client("sts").get_caller_identity()["ResponseMetadata"]["HTTPHeaders"]
    assert answer["date"] == f"{CLOSED + 2 * HOUR:%a, %d %b %Y %H:%M:%S} GMT"
    made = account.client("iam").create_user(UserName="new")["User"]["CreateDate"]
    assert made == CLOSED + 2 * HOUR


def test_runs_are_made_when_they_are_due_and_not_while_the_collector_is_stopped() -> None:
    found = list(moments(almanac.DAYS))
    assert found[0] < START
    assert not [one for one in found if one in almanac.STOPPED]
    days = {one.date() for one in found if one >= START}
    assert len(days) == almanac.DAYS - (almanac.STOPPED.end - almanac.STOPPED.first)
    hourly = [one for one in found if one in almanac.HOURLY]
    assert len(hourly) == 24 * (almanac.HOURLY.end - almanac.HOURLY.first)
    assert found[0].tzinfo == UTC
