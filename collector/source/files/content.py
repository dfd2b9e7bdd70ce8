"""What a file is, by its own bytes: a name proves nothing."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import PurePath
from typing import IO, TYPE_CHECKING

from collector import canonical

if TYPE_CHECKING:
    from datetime import datetime

MEGABYTE = 1 << 20
_MAGIC = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)
_SUFFIXES = {"jpg": "jpeg", "tsv": "csv", "txt": "csv"}
_PARTS, _UNPACKED, _RATIO = 2_000, 256 * MEGABYTE, 200
_BEGINNING = 16


class Form(StrEnum):
    """What the product can take."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    WEBP = "webp"
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"

    @property
    def tabular(self) -> bool:
        """Whether it can be read into rows."""
        return self in {Form.CSV, Form.XLSX, Form.JSON}


class RefusedError(Exception):
    """The file is not taken; the message says why, in a sentence."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file, as it was found."""

    name: str
    place: str
    """Where: a folder, a bucket, or `handed over`."""
    content: bytes
    modified_at: datetime | None = None
    """When it was last written, where the place it lies in says so."""

    @property
    def sha256(self) -> str:
        """Of its bytes."""
        return canonical.digest(self.content)


def form_of(name: str, content: bytes) -> Form:
    """What the file is; RefusedError when it is nothing we take, or something else than its name says."""
    found = _form(content)
    suffix = PurePath(name).suffix.lower().removeprefix(".")
    if _SUFFIXES.get(suffix, suffix) != found.value:
        raise RefusedError(
            f"it is named {suffix or 'without an ending'} and its bytes are {found.value}: name it rightly"
        )
    return found


def _form(content: bytes) -> Form:
    if not content:
        raise RefusedError("it is empty; a list without entries still has its header")
    for magic, name in _MAGIC:
        if content.startswith(magic):
            return Form(name)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return Form.WEBP
    if content.startswith(b"PK"):
        _check_workbook(content)
        return Form.XLSX
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise RefusedError("it is an old or encrypted Office file, which may hold macros: save it as .xlsx or .csv")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedError(
            f"its bytes are no PDF, image or workbook, and no UTF-8 text (byte {error.start})"
        ) from error
    if "\x00" in text:
        raise RefusedError("its text has NUL characters in it")
    return Form.JSON if text.lstrip()[:1] in {"[", "{"} else Form.CSV


def _check_workbook(content: bytes) -> None:
    """The zip is a plain workbook, and small once unpacked; nothing of it is unpacked before that is known."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            _check_size(parts, len(content))
            if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
                raise RefusedError("it is a zip, and no workbook (.xlsx)")
            if any(name.lower().endswith(("vbaproject.bin", ".bin")) and "vba" in name.lower() for name in names):
                raise RefusedError("the workbook has macros: save it as .xlsx without them")
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels")):
                    with archive.open(part) as opened:
                        _check_markup(part.filename, opened)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise RefusedError(f"the workbook cannot be unpacked: {error}") from error


def _check_markup(name: str, opened: IO[bytes]) -> None:
    """Plain UTF-8 without a document type: what entities are declared in, that would unfold without end."""
    before = b""
    while chunk := opened.read(MEGABYTE):
        if not before and (chunk.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in chunk[:_BEGINNING]):
            raise RefusedError(f"{name} is not in UTF-8, as every workbook is")
        if b"<!DOCTYPE" in before + chunk:
            raise RefusedError(f"{name} declares a document type, which no workbook needs")
        before = chunk[-_BEGINNING:]


def _check_size(parts: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > _PARTS or unpacked > _UNPACKED or unpacked > _RATIO * packed + MEGABYTE:
        raise RefusedError(
            f"the workbook unpacks to {unpacked:,} bytes in {len(parts):,} parts: more than any real one"
        )
    if any(part.flag_bits & 1 for part in parts):
        raise RefusedError("the workbook is encrypted: save it without a password")
