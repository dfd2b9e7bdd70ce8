"""A token that someone made by hand: in an environment variable, or in a file that is replaced when it changes."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from collector.errors import UsageError
from collector.model import Cause
from collector.source.rest.auth.credential import NoTokenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.source.rest.auth.credential import Credential

_LARGEST = 65_536


def bearer(reference: str, environment: Mapping[str, str]) -> Credential:
    """The token behind `env:NAME` or `file:PATH`; UsageError when there is none, or it cannot be sent."""
    kind, _, name = reference.partition(":")
    match kind:
        case "env" if name:
            if not environment.get(name):
                raise UsageError(f"the environment variable {name} is not set, but the token should be in it")
            return FixedToken(_sendable(environment[name], f"the environment variable {name}"))
        case "file" if name:
            credential = FileToken(Path(name))
            try:
                credential.token()
            except NoTokenError as error:
                raise UsageError(str(error)) from error
            return credential
        case _:
            raise UsageError("a token is given by reference: env:NAME or file:PATH; never write the token itself")


class FixedToken:
    """A token that never changes while the process runs."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        """The token."""
        return self._token

    def renew(self, refused: str) -> bool:
        """There is no other."""
        return refused != self._token


class FileToken:
    """A token in a file, read again when the file changes: something else renews it there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known: tuple[int, int, int] | None = None
        self._token = ""

    def token(self) -> str:
        """The token that is in the file now; NoTokenError when there is none."""
        with self._lock:
            try:
                self._read()
            except (OSError, UsageError) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                raise NoTokenError(Cause.DENIED, f"the token file {self._path} cannot be used: {reason}") from error
            return self._token

    def renew(self, refused: str) -> bool:
        """Whether the file holds another one by now."""
        with self._lock:
            self._known = None
        return self.token() != refused

    def _read(self) -> None:
        now = self._path.stat()
        seen = (now.st_mtime_ns, now.st_size, now.st_ino)
        if seen != self._known:
            with self._path.open("rb") as file:
                text = file.read(_LARGEST).decode("utf-8", "replace")
            self._token, self._known = _sendable(text, "it"), seen


def _sendable(text: str, where: str) -> str:
    token = text.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(f"{where} holds no token: one line of printable characters, without spaces, was expected")
    return token
