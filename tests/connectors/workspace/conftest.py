"""A Google Workspace for each test, which may change what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doubles.workspace.server import WorkspaceDouble, running_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def google() -> Iterator[WorkspaceDouble]:
    """Thirty people, answering well."""
    with running_workspace() as double:
        yield double
