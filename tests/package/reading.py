"""Reads a page as a browser would: its elements, anchors, links, and the text of each part."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_VOID = {"meta", "br", "img", "path", "circle", "rect", "use", "link", "input", "hr"}

_INLINE = {"a", "b", "code", "i", "span", "strong", "svg", "time", "use"}


class Page(HTMLParser):
    """`open_elements` must be empty at the end: then every element was closed in order."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: dict[str, list[str]] = {"": []}
        self.verbatim: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        self.feed(path.read_text("utf-8"))
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._apart(tag)
        known = {name: value or "" for name, value in attrs}
        self.elements.append((tag, known))
        if "id" in known:
            self.ids.append(known["id"])
            self.words[known["id"]] = []
        self.links += [known[name] for name in ("href", "src") if name in known]
        if tag not in _VOID:
            self._open.append((tag, known.get("id", "")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        self._apart(tag)
        assert self._open, f"</{tag}> closes nothing"
        opened, name = self._open.pop()
        assert opened == tag, f"</{tag}> closes <{opened} id={name!r}>"

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] in {"style", "script"}:
            self.verbatim[self._open[-1][0]] = data
            return
        self._say(data)

    def _apart(self, tag: str) -> None:
        """Blocks stand apart on the page, whatever is or is not between their tags."""
        if tag not in _INLINE:
            self._say(" ")

    def _say(self, words: str) -> None:
        self.words[""].append(words)
        for _, name in self._open:
            if name:
                self.words[name].append(words)

    def text(self, anchor: str = "") -> str:
        """What a reader sees inside the element with this id; of the whole page without one."""
        return " ".join("".join(self.words[anchor]).split())

    def tags(self, name: str) -> list[dict[str, str]]:
        return [known for tag, known in self.elements if tag == name]
