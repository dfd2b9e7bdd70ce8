"""What a raw answer's file is called: by what it is, and never so that a browser would run it."""

from __future__ import annotations

import pytest

from collector.package.answers import extension


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"Users":[]}', "json"),
        (b" [1,\n2]", "json"),
        (b'{"Users":[', "txt"),
        (b"[section]\nkey = 1\n", "txt"),
        (b'<?xml version="1.0"?><A xmlns="https://iam.amazonaws.com/doc/2010-05-08/"/>', "xml"),
        (b"<ErrorResponse><Code>AccessDenied</Code></ErrorResponse>", "xml"),
        (b"<!doctype html><html></html>", "txt"),
        (b"<HTML><body>502</body></HTML>", "txt"),
        (b'<a><s:script xmlns:s="http://www.w3.org/1999/xhtml">alert(1)</s:script></a>', "txt"),
        (b'<a><s:script xmlns:s="http://www.w3.org/1999/&#120;html">alert(1)</s:script></a>', "txt"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "txt"),
        (b'<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><a/>', "txt"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "txt"),
        (b"user,arn\nana,arn:aws:iam::1:user/ana\n", "csv"),
        (b'user,arn\n"ana, of staff",x\n', "csv"),
        (b"a single line, with a comma", "txt"),
        (b"Service Unavailable\n", "txt"),
        (b"", "txt"),
        (b"\xff\xfe<\x00a\x00", "txt"),
    ],
)
def test_extension(content: bytes, kind: str) -> None:
    assert extension(content) == kind
