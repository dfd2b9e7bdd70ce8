"""How a provider says things in its answers, as data: error codes and what they mean, request ids, secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.model import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What is the same in all answers of one provider."""

    codes: tuple[str, ...] = ("/error/status", "/error/code", "/errorCode", "/code", "/error")
    """Where an error's code may stand, best first."""
    causes: Mapping[str, Cause] = field(default_factory=dict)
    """What codes mean, where the HTTP status alone does not say it."""
    phrases: Mapping[str, Cause] = field(default_factory=dict)
    """Beginnings of a message, in lower case, for a provider that documents these in place of codes."""
    messages: tuple[str, ...] = ("/message",)
    """Where an error's message may stand, best first."""
    errors: tuple[str, ...] = ("/error", "/errors")
    """What makes an answer an error even with status 200."""
    request_ids: tuple[str, ...] = ("x-request-id",)
    """Headers, in lower case, of which one carries the provider's own name for the request."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with every request: the media type and version of the API."""
    secrets: frozenset[str] = frozenset({"client_secret", "password", "private_key", "secret", "token"})
    """Names of fields whose values are secrets."""
    scheme: str = "Bearer"
    """What stands before the token in the Authorization header."""
    advice: str = "the identity may not do this"
    """What a person can do when the provider refuses."""
