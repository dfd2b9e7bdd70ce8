"""Every planted deviation of access, scanning, vendors and policies is found, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.github.gathering import NORTHWIND, gathered
from tests.connectors.github.judging import deviating, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.doubles.github.process import GithubDouble

CONTROLS = ("CHG-08", "GOV-06", "IAM-12", "IAM-19", "LOG-08", "VEN-05")
EVIDENCE = (
    "github.code_scanning.alerts",
    "github.dependabot.alerts",
    "github.installations",
    "github.org.settings",
    "github.outside_collaborators",
    "github.policy_docs",
    "github.secret_scanning.alerts",
    "github.security_features",
)
PARTS = {
    "CHG-08": ("dependency alerts",),
    "IAM-19": ("scanning for secrets", "blocking pushes with secrets"),
}
"""What is judged of a repository without scanning. Code may be scanned by a workflow: that cannot be told."""


def items(double: GithubDouble, control: str, which: str = "deviations") -> Iterator[str]:
    """What the rule calls them: alerts go by their address."""
    for one in double.manifest[which].get(control, ()):
        parts = one["item"].split("/")
        if one["why"] in {"scanning_off", "secret_scanning_off"}:
            yield from (f"{one['item']}: {part}" for part in PARTS[control])
        elif control in {"IAM-19", "LOG-08"}:
            owner, repo, kind, number = parts
            address = f"{double.url}/repos/{owner}/{repo}/{kind.replace('_', '-')}/alerts/{number}"
            yield f"push past the block: {address}" if one["why"].startswith("bypass") else address
        else:
            yield one["item"]


def check(double: GithubDouble) -> None:
    found = gathered(double, *EVIDENCE, settings={"policy_paths": (f"{NORTHWIND}/infra:policies",)})
    assert [one.snapshot.gaps for one in found if not one.snapshot.complete] == []
    told = judged(found, *CONTROLS)
    assert {control: deviating(told[control]) for control in CONTROLS} == {
        control: set(items(double, control)) for control in CONTROLS
    }
    for control in CONTROLS:
        assert deviating(told[control]), control
        assert set(items(double, control, "near_misses")) & deviating(told[control]) == set()


def test_every_planted_deviation_is_found_and_no_other(github: GithubDouble) -> None:
    check(github)


@pytest.mark.slow
def test_so_too_in_a_big_organisation(big_github: GithubDouble) -> None:
    big_github.mend()
    check(big_github)
