"""A Google Cloud for each test, which may change what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doubles.gcp.server import GcpDouble, running_gcp

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def google() -> Iterator[GcpDouble]:
    """Twelve projects, answering well."""
    with running_gcp() as double:
        yield double
