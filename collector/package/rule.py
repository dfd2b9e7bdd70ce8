"""A control as its sealed rule text says it is: never the file that is installed now, but the one that was in force."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import asdict

from collector.assess import header
from collector.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.assess.header import Header

_COMMENT = re.compile(r"\s*/\*(.*?)\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rule:
    """The header of a sealed rule, and its whole text."""

    header: Header
    text: str

    @property
    def id(self) -> str:
        """`IAM-01`."""
        return self.header.id

    @property
    def parts(self) -> frozenset[str]:
        """The names of the items that stand for what the rule does not judge, as `collector.assess` writes them."""
        return frozenset(f"part: {unseen.part}" for unseen in self.header.unseen)

    @property
    def maps(self) -> dict[str, Sequence[str]]:
        """Other frameworks' ids, where there are any."""
        return {framework: ids for framework, ids in asdict(self.header.maps).items() if ids}


def parse(content: bytes, where: str) -> Rule:
    """The rule in a sealed text; ArchiveError when its header cannot be read."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise ArchiveError(f"the rule of {where} cannot be shown: {error}") from error
    comment = _COMMENT.match(text)
    if comment is None:
        raise ArchiveError(f"the rule of {where} cannot be shown: it does not begin with a header in a comment")
    try:
        return Rule(header.parse(comment[1], f"the rule of {where}"), text)
    except UsageError as error:
        raise ArchiveError(str(error)) from error
