"""Fixtures over a seeded double; a test module names this module in `pytest_plugins`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from tests.doubles.aws.clients import Account
from tests.doubles.aws.process import AwsDouble, running_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=3)


@pytest.fixture(scope="session")
def seeded_double() -> Iterator[tuple[AwsDouble, dict[str, Any]]]:
    with running_aws() as double:
        yield double, double.seed()


@pytest.fixture
def double(seeded_double: tuple[AwsDouble, dict[str, Any]]) -> AwsDouble:
    double, _ = seeded_double
    double.clear_faults()
    double.clear_requests()
    return double


@pytest.fixture
def manifest(seeded_double: tuple[AwsDouble, dict[str, Any]]) -> dict[str, Any]:
    return seeded_double[1]


@pytest.fixture
def prod(double: AwsDouble, manifest: dict[str, Any]) -> Account:
    account = manifest["accounts"]["northwind-prod"]
    return Account.management(double.endpoint).member(account, manifest["role"])


@pytest.fixture
def client(double: AwsDouble, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """A plain boto3 client, led to the double by its environment variables alone."""
    for name, value in double.environment.items():
        monkeypatch.setenv(name, value)
    session = boto3.Session()

    def of(service: str) -> Any:
        return session.client(service, config=_ONCE)

    return of
