"""Keyed tokens in place of people's names and e-mail addresses, the same one for the same person everywhere.

An address becomes a token that is an address again, so that accounts of all providers and the people list still join by
it. The key never leaves the collector; without it a token can be neither undone nor guessed. Logins and ids stay: they
are what the evidence is about. What stands in pictures, PDF files or base64 is not looked into.
"""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from collector import canonical

if TYPE_CHECKING:
    from collector.records import Record

R = TypeVar("R", bound="Record")

DOMAIN = "pseudonym.invalid"
"""Of every token that stands for an address: a name that can exist nowhere (RFC 2606)."""
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.!#$%&*+/=?^`{|}~'-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
_NAMES = frozenset(
    {
        "firstname", "lastname", "middlename", "nickname", "givenname", "familyname", "fullname", "surname",
        "formatted",
        "honorificprefix", "mobilephone", "phonenumber", "phonenumbers", "streetaddress",
    }
)  # fmt: skip
"""Fields of answers that hold nothing but a person's name, number or street, in lower case."""
_OF_A_PERSON = _NAMES | {"mail", "email", "emails", "primaryemail", "userprincipalname", "username", "login"}
_DISPLAYED = frozenset({"displayname", "name"})
"""Fields that name a person where the same object also has one of those."""


class Pseudonyms:
    """Off when there is no key: then everything stays as it is."""

    def __init__(self, key: bytes = b"") -> None:
        self._key = key

    @property
    def on(self) -> bool:
        """Whether anything is replaced."""
        return bool(self._key)

    @property
    def mark(self) -> str | None:
        """Which key was used, without telling it: for the leaf. None when nothing is replaced."""
        return f"hmac-sha256:{self._digest('which key')[:16]}" if self._key else None

    def text(self, text: str) -> str:
        """A text with every address in it replaced."""
        return _ADDRESS.sub(self._address, text) if self._key and "@" in text else text

    def name(self, name: str) -> str:
        """The token of a name; an address in its place is replaced as one."""
        if not self._key or not name or name.startswith("name-"):
            return name
        return self.text(name) if "@" in name else f"name-{self._digest(' '.join(name.casefold().split()))[:16]}"

    def record(self, record: R) -> R:
        """A record without addresses; its name, where it is a person's."""
        if not self._key:
            return record
        changed: dict[str, Any] = {}
        for one in fields(record):
            value = getattr(record, one.name)
            if isinstance(value, str):
                changed[one.name] = self.text(value)
            elif isinstance(value, tuple) and all(isinstance(part, str) for part in value):
                changed[one.name] = tuple(map(self.text, value))
        if record.table == "person" and isinstance(changed.get("name"), str):
            changed["name"] = self.name(changed["name"])
        return replace(record, **changed)

    def document(self, lines: bytes) -> bytes:
        """Lines of canonical JSON of our own, without addresses: they stay canonical."""
        return self.text(lines.decode()).encode() if self._key else lines

    def body(self, content: bytes) -> bytes:
        """The body of an answer: JSON by its fields, any other text by its addresses; what is no text stays."""
        if not self._key or content.lstrip()[:1] not in {b"{", b"[", b"<"}:
            return content
        try:
            found = canonical.decode(content)
        except ValueError:
            return self.text(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        clean = self.value(found)
        return content if clean == found else json.dumps(clean, ensure_ascii=False, separators=(",", ":")).encode()

    def value(self, value: Any, *, named: bool = False) -> Any:  # noqa: ANN401 - any JSON value
        """A JSON value without addresses and names."""
        match value:
            case str():
                return self.name(value) if named else self.text(value)
            case list():
                return [self.value(one, named=named) for one in value]
            case dict():
                person = any(name.lower() in _OF_A_PERSON for name in value)
                return {
                    name: self.value(one, named=named or _names(name, person=person)) for name, one in value.items()
                }
            case _:
                return value

    def cell(self, header: str, cell: Any) -> Any:  # noqa: ANN401 - any cell
        """A cell of a list of people; a column with `name` in its own name holds names."""
        return self.value(cell, named="name" in header.lower()) if isinstance(cell, str | list | dict) else cell

    def _address(self, found: re.Match[str]) -> str:
        address = found[0].lower()
        return found[0] if address.endswith(f"@{DOMAIN}") else f"person-{self._digest(address)[:24]}@{DOMAIN}"

    def _digest(self, text: str) -> str:
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256").hex()


def _names(name: str, *, person: bool) -> bool:
    lower = name.lower()
    return lower in _NAMES or (person and lower in _DISPLAYED)


NOBODY = Pseudonyms()
"""Replaces nothing."""
