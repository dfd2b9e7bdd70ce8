"""An org for each test: it takes a few milliseconds to make, and each may change what is in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.doubles.okta.estate import build
from tests.doubles.okta.server import OktaDouble, running_okta

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def okta() -> Iterator[OktaDouble]:
    """An org of about 75 users, made for this moment. A test that was answered by a complaint has not passed."""
    with running_okta(build(60, end=datetime.now(UTC))) as double:
        yield double
        assert double.complaints == []
