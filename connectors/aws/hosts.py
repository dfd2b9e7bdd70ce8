"""The hosts that AWS is read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.source.aws.session import endpoints
from connectors.aws.connection import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.connector import EvidenceType


ONLY_IN = {"artifact": "us-east-1"}
"""Services that are asked in one region, whichever are enabled: they are the same everywhere, and elsewhere nowhere."""


def hosts(_: object, types: Iterable[EvidenceType]) -> list[str]:
    """One for each service that these evidence types call; `REGION` stands for each enabled region."""
    operations = {need for evidence in types for need in evidence.needs} | SHARED
    found = endpoints({operation.partition(":")[0] for operation in operations} | {"sts"})
    return sorted(_placed(host) for host in found)


def _placed(host: str) -> str:
    service, dot, rest = host.partition(".")
    return f"{service}{dot}{rest.replace('REGION', ONLY_IN.get(service, 'REGION'))}"
