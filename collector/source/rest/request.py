"""One read before it is made: an operation with its parameters, and the turns by which its pages are asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from collector import canonical
from collector.errors import UndeclaredCallError
from collector.source.parameters import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.source.rest.api import Operation


@dataclass(frozen=True, slots=True)
class Request:
    """What a reader asks for."""

    operation: Operation
    place: str
    """The host."""
    parameters: Mapping[str, Any]
    """Those named in the path, and all others."""

    @property
    def name(self) -> str:
        """As the provider documents it."""
        return self.operation.name

    @property
    def subject(self) -> str:
        """The request in one line, for a person."""
        asked = "".join(f" {name}={value}" for name, value in plain(self.parameters).items())
        return f"{self.name}{asked} ({self.place})"

    @property
    def identity(self) -> str:
        """The same request has the same identity in every run."""
        asked = [self.name, self.place, plain(self.parameters), self.operation.document]
        return canonical.digest(canonical.encode(asked))[:16]

    @property
    def path(self) -> str:
        """The path with its names filled in; UndeclaredCallError when one is missing or empty."""
        path = self.operation.path
        for name in self.operation.named:
            value = self.parameters.get(name)
            if value is None or str(value) in {"", ".", ".."}:
                raise UndeclaredCallError(f"{self.name} was asked for without {name}")
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        return path

    @property
    def named(self) -> dict[str, Any]:
        """The parameters that are part of the path."""
        return {name: self.parameters[name] for name in self.operation.named}

    def first(self) -> Turn:
        """The first page."""
        own = {name: plain(value) for name, value in self.parameters.items() if name not in self.operation.named}
        paging = self.operation.pages.first() if self.operation.pages else {}
        return Turn({**self.operation.parameters, **paging, **own})


@dataclass(frozen=True, slots=True)
class Turn:
    """One page of a request: by parameters, or by the address of a link."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""
