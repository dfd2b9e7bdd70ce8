"""A made-up tenant for each test, in this process."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.connectors.azure.product import Product
from tests.doubles.arm.tenant import Tenant, running_tenant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    """Two subscriptions; nobody may write, and no request may be one that Resource Manager does not know."""
    with running_tenant(2) as made:
        yield made
        assert made.double.complaints == []


@pytest.fixture
def living() -> Iterator[Tenant]:
    """A tenant whose now is now, for the product's own commands."""
    with running_tenant(2, now=datetime.now(UTC).replace(microsecond=0)) as made:
        yield made


@pytest.fixture
def product(living: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Product:
    monkeypatch.chdir(tmp_path)
    return Product(tmp_path, living)
