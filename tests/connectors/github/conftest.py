"""One GitHub on loopback for each worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doubles.github.process import GithubDouble, running_github

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def started() -> Iterator[GithubDouble]:
    with running_github("small") as double:
        yield double


@pytest.fixture
def organisation(started: GithubDouble) -> GithubDouble:
    """The double as at first."""
    started.mend()
    return started
