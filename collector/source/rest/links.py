"""The Link header (RFC 8288), as far as paging needs it: the targets by their relation."""

from __future__ import annotations

import re

_LINK = re.compile(r"[\s,]*<([^<>]*)>((?:[^\",<]|\"(?:[^\"\\]|\\.)*\")*)")
_PARAMETER = re.compile(r";\s*([^\s;=,\"]+)\s*(?:=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"]+)))?")


def relations(header: str) -> dict[str, str]:
    """The target of each relation, in lower case; of a relation named twice, the first.

    ValueError when the header is not made of links: half a header could hide the next page.
    """
    found: dict[str, str] = {}
    at = 0
    while at < len(header) and header[at:].strip(" \t,"):
        link = _LINK.match(header, at)
        if link is None:
            raise ValueError("the Link header cannot be read")
        at = link.end()
        named = [quoted or plain for name, quoted, plain in _PARAMETER.findall(link[2]) if name.lower() == "rel"]
        for name in named[0].lower().split() if named else []:  # of two `rel` parameters the first counts
            found.setdefault(name, link[1])
    return found
