"""A made-up tenant for each test, in this process: seeding it takes a few milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.connectors.entra.product import Product
from tests.doubles.graph.tenant import Tenant, running_tenant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    """Sixty members and what is planted; nobody may write to it, and no request may be one that Graph does not know."""
    with running_tenant() as made:
        yield made
        assert made.double.complaints == []


@pytest.fixture
def living() -> Iterator[Tenant]:
    """A tenant whose now is now, for the product's own commands."""
    with running_tenant(20, now=datetime.now(UTC).replace(microsecond=0)) as made:
        yield made


@pytest.fixture
def product(living: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Product:
    monkeypatch.chdir(tmp_path)
    return Product(tmp_path, living)
