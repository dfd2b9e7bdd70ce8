"""Sets a document in type: by the package `typst`, with the letters it carries, from a template of ours and JSON.

Nothing of the document is part of the template's text, so nothing in it can be taken for typst's language. No font of
this machine, no network and no clock are used: the same document gives the same bytes.
"""

from __future__ import annotations

import json
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from collector.errors import UsageError
from collector.package.binder.spelling import letters, spelt, unseen
from collector.package.page import template

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

_NAMED = re.compile(r'#"\\u\{([0-9a-f]+)\}"')
HOW = "python3 -m pip install '.[pdf]'"


def typesetter() -> str:
    """Name and version of what sets the type; UsageError where it is not installed."""
    try:
        return f"typst {version('typst')}"
    except PackageNotFoundError:
        raise UsageError(f"--pdf needs the package typst, which is not installed: {HOW}") from None


def pdf(document: Mapping[str, Any], made: datetime) -> bytes:
    """The document as a PDF; `made` is the time that it says of itself."""
    typesetter()
    import typst  # noqa: PLC0415 - 84 MB that only whoever wants a PDF loads

    with TemporaryDirectory(prefix="package-") as folder:
        root = Path(folder)
        lacking = _lacking({one for one in letters(document) if not one.isascii() and not unseen(one)})
        (root / "document.json").write_text(json.dumps(spelt(document, lacking), ensure_ascii=False), "utf-8")
        (root / "main.typ").write_text(template("binder/printed.typ"), "utf-8")
        made_of: bytes | None = typst.compile(
            root / "main.typ", root=root, format="pdf", ignore_system_fonts=True, font_paths=[],
            package_path=root / "none", package_cache_path=root / "none", timestamp=made,
        )  # fmt: skip
    if made_of is None:
        raise AssertionError("typst gives bytes where no file is named")
    return made_of


def _lacking(wanted: Iterable[str]) -> set[str]:
    """Those of these letters that no font has. Typst says so of each, where a PDF must be fit for keeping (PDF/A)."""
    import typst  # noqa: PLC0415 - as above

    shown = "".join(f'#"\\u{{{ord(one):x}}}"\n\n' for one in sorted(wanted))
    try:
        typst.compile(
            f'#set document(title: "letters")\n{shown}'.encode(), format="pdf", ignore_system_fonts=True, font_paths=[],
            pdf_standards="a-2u", timestamp=0,
        )  # fmt: skip
    except typst.TypstError as error:
        found = {chr(int(number, 16)) for number in _NAMED.findall(error.diagnostic)}
        if not found:
            raise
        return found
    return set()
