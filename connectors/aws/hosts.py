"""The hosts that AWS is read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.source.aws.session import endpoints
from connectors.aws.connection import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.connector import EvidenceType


def hosts(_: object, types: Iterable[EvidenceType]) -> list[str]:
    """One for each service that these evidence types call; `REGION` stands for each enabled region."""
    operations = {need for evidence in types for need in evidence.needs} | SHARED
    return endpoints({operation.partition(":")[0] for operation in operations} | {"sts"})
