"""Sets a document in type: by the package `typst`, with the letters it carries, from a template of ours and JSON.

Nothing of the document is part of the template's text, so nothing in it can be taken for typst's language. No font of
this machine, no network and no clock are used: the same document gives the same bytes.
"""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from collector.errors import UsageError
from collector.package.page import template

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

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
        (root / "document.json").write_text(json.dumps(document, ensure_ascii=False), "utf-8")
        (root / "main.typ").write_text(template("binder/printed.typ"), "utf-8")
        made_of: bytes | None = typst.compile(
            root / "main.typ", root=root, format="pdf", ignore_system_fonts=True, font_paths=[],
            package_path=root / "none", package_cache_path=root / "none", timestamp=made,
        )  # fmt: skip
    if made_of is None:
        raise AssertionError("typst gives bytes where no file is named")
    return made_of
