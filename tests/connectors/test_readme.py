"""The example in connectors/README.md works as it is printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator


README = Path(__file__).parents[2] / "connectors" / "README.md"
NAME = "aws.ecr.repositories"


@pytest.fixture
def _declared() -> Iterator[None]:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    exec(compile(example, str(README), "exec"), {})  # noqa: S102 - our own document, to prove that it works
    yield
    del aws.types[NAME]
