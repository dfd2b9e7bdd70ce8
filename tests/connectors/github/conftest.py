"""A small GitHub for each test process, mended before each test; and the big one, for slow tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doubles.github.process import GithubDouble, running_github

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def small_github() -> Iterator[GithubDouble]:
    with running_github("small") as double:
        yield double


@pytest.fixture
def github(small_github: GithubDouble) -> GithubDouble:
    """Six repositories and 150 pull requests, answering well. What was made to happen in it stays."""
    small_github.mend()
    return small_github


@pytest.fixture
def own_github() -> Iterator[GithubDouble]:
    """A small GitHub for one test alone, which may change what is in it."""
    with running_github("small") as double:
        yield double


@pytest.fixture(scope="session")
def big_github() -> Iterator[GithubDouble]:
    """60 repositories and 3,000 pull requests; for tests marked slow."""
    with running_github("big") as double:
        yield double
