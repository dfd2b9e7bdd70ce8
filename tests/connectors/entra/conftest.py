"""A made-up tenant for each test, in this process: seeding it takes a few milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doubles.graph.tenant import Tenant, running_tenant

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    """Sixty members and what is planted; nobody may write to it, and no request may be one that Graph does not know."""
    with running_tenant() as made:
        yield made
        assert made.double.complaints == []
