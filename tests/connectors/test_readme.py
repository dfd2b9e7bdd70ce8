"""The example in connectors/README.md works as it is printed."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from collector.connector import Per
from connectors.aws import aws
from tests.connectors.aws.conftest import gathered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Estate

README = Path(__file__).parents[2] / "connectors" / "README.md"
NAME = "aws.ecr.repositories"
REPOSITORIES = ("private", "for-all")
ANYONE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]}


@pytest.fixture
def _declared() -> Iterator[None]:
    """The example as the module it would be, for as long as the test takes."""
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    module = ModuleType("connectors.aws.registries")
    sys.modules[module.__name__] = module
    exec(compile(example, str(README), "exec"), module.__dict__)  # noqa: S102 - our own document, to prove it
    yield
    del aws.types[NAME], sys.modules[module.__name__]


@pytest.fixture
def registry(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The image registry of the management account, with the environment leading to it."""
    for name, value in estate.double.environment.items():
        monkeypatch.setenv(name, value)
    registry = boto3.client("ecr", region_name="eu-central-1")
    for name in REPOSITORIES:
        registry.create_repository(repositoryName=name)
    registry.set_repository_policy(repositoryName="for-all", policyText=json.dumps(ANYONE))
    yield registry
    for name in REPOSITORIES:
        registry.delete_repository(repositoryName=name, force=True)
    registry.close()


@pytest.mark.usefixtures("_declared")
def test_the_example_collects_what_it_says(registry: Any, estate: Estate) -> None:
    listed = {one["repositoryName"]: one["repositoryArn"] for one in registry.describe_repositories()["repositories"]}
    (found,) = gathered(NAME, only=estate.account("management"))
    assert found.snapshot.complete, found.completeness
    rows = {row["resource_id"]: row for row in found.table("resource")}
    assert {row["public"] for row in rows.values()} == {True, False}
    assert {arn: row["public"] for arn, row in rows.items()} == {listed["private"]: False, listed["for-all"]: True}
    assert {row["type"] for row in rows.values()} == {"image_repository"}


@pytest.mark.usefixtures("_declared", "registry")
def test_the_example_keeps_a_repository_whose_policy_cannot_be_read(estate: Estate) -> None:
    estate.double.fault("deny", match={"operation": "GetRepositoryPolicy", "contains": "for-all"})
    (found,) = gathered(NAME, only=estate.account("management"))
    assert not found.snapshot.complete
    assert found.causes == ["denied"]
    publics = {row["resource_id"].rpartition("/")[2]: row["public"] for row in found.rows}
    assert publics == {"private": False, "for-all": None}


@pytest.mark.usefixtures("_declared")
def test_the_declaration_is_all_it_takes() -> None:
    one = aws.types[NAME]
    assert one.title == "Image repositories and whether they are public by policy"
    assert one.per is Per.PLACE
    (statement,) = aws.policy([one])["Statement"]
    assert set(statement["Action"]) >= {"ecr:DescribeRepositories", "ecr:GetRepositoryPolicy"}


def test_nothing_is_left_behind() -> None:
    assert NAME not in aws.types
