from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.source.rest.links import relations

GITHUB = (
    '<https://api.github.com/organizations/1/members?page=2>; rel="next", <https://api.github.com/x?page=9>; rel="last"'
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", {}),
        (" , ", {}),
        (
            GITHUB,
            {
                "next": "https://api.github.com/organizations/1/members?page=2",
                "last": "https://api.github.com/x?page=9",
            },
        ),
        ("<a>;rel=next", {"next": "a"}),
        ("<a>; title=\"x, <b>; rel=next\"; REL = 'no'", {"'no'": "a"}),
        ('<a>; rel="next"; rel="last"', {"next": "a"}),
        ('<a>; rel="next prev"', {"next": "a", "prev": "a"}),
        ('<a>; rel="next",<b>; rel="next"', {"next": "a"}),
        ('<a,b;c>; rel="Next"', {"next": "a,b;c"}),
        ("<>; rel=next", {"next": ""}),
        ("<a>", {}),
        ('<a>; title="rel=last"; rel=next', {"next": "a"}),
    ],
)
def test_links_are_read(header: str, expected: dict[str, str]) -> None:
    assert relations(header) == expected


@pytest.mark.parametrize("header", ["a", "<a; rel=next", '<a>; rel="next', '<a>; rel="next", b', "rel=next; <a>"])
def test_what_cannot_be_read_is_said(header: str) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        relations(header)


URL = st.text(alphabet="abc/:?&=;,.%\"'- ", min_size=1, max_size=20)
NAME = st.text(alphabet="abcdefg-", min_size=1, max_size=8)
TITLE = st.text(alphabet="abc,;<>= relnxt", max_size=12)


@given(st.lists(st.tuples(URL, NAME, TITLE), max_size=5), st.sampled_from([", ", ",", " ,\t"]))
def test_whatever_is_written_by_the_rfc_is_read_back(links: list[tuple[str, str, str]], between: str) -> None:
    header = between.join(f'<{url}>; title="{title}"; rel="{name}"' for url, name, title in links)
    expected: dict[str, str] = {}
    for url, name, _ in links:
        expected.setdefault(name, url)
    assert relations(header) == expected


@given(st.text(max_size=80) | st.text(alphabet='<>;,="\\ relnxt', max_size=60))
def test_no_text_breaks_the_reading(header: str) -> None:
    try:
        found = relations(header)
    except ValueError:
        return
    assert all(name == name.lower() for name in found)
