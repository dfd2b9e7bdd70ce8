"""The raw answers and sealed documents of a package: each once, named by the SHA-256 of its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.package.answers import extension

if TYPE_CHECKING:
    from collector.package.binder.log import Log
    from collector.package.binder.shelf import Shelf

ANSWERS = "07-integrity/answers"
DOCUMENTS = "07-integrity/documents"


class Answers:
    """Gives the place of a content in the package, and puts it there the first time."""

    def __init__(self, log: Log, shelf: Shelf) -> None:
        self._log = log
        self._shelf = shelf
        self._answers: dict[str, str] = {}
        self._documents: dict[str, str] = {}

    def answer(self, digest: str) -> str:
        """The place of a raw answer; ArchiveError when the archive does not hold it."""
        if digest not in self._answers:
            content = self._log.reader.content(digest)
            self._answers[digest] = f"{ANSWERS}/{digest}.{extension(content)}"
            self._shelf.put(self._answers[digest], content)
        return self._answers[digest]

    def document(self, digest: str, kind: str = "ndjson") -> str:
        """The place of a sealed document."""
        if digest not in self._documents:
            self._documents[digest] = f"{DOCUMENTS}/{digest}.{kind}"
            self._shelf.put(self._documents[digest], lambda: self._log.reader.content(digest))
        return self._documents[digest]

    def known(self, digest: str) -> str | None:
        """The place of a raw answer that is in the package already."""
        return self._answers.get(digest)

    def located(self, digest: str) -> str:
        """The key of the archive's object that holds it."""
        return self._log.reader.locate(digest)
