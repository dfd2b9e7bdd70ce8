"""The short cut says of evidence leaves what reading them one by one says, or nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector import canonical
from collector.archive import evidence_leaves
from collector.archive.citations import citations

CITED = st.fixed_dictionaries({"count": st.integers(0, 3), "sha256": st.sampled_from(["0" * 64, "ab" * 32, "12" * 32])})
TEXTS = st.sampled_from(["a", '"exchanges":{"sha256":"', "\\", "1234567890123456789", "\n", "\xe9"])
LEAVES = st.fixed_dictionaries(
    {
        **dict.fromkeys(
            ("caller", "ended", "provider", "run", "started", "type", "type_kind", "unit", "unit_name"), TEXTS
        ),
        **dict.fromkeys(("completeness", "exchanges", "records"), CITED),
        "complete": st.booleans(),
        "gaps": st.dictionaries(st.sampled_from(["denied", "sha256"]), st.integers(0, 9), max_size=1),
        "kind": st.just("evidence"),
        "slot": st.none() | st.just("2026-11-01T00:00:00Z"),
        "window": st.none() | st.just({"from": "a", "to": "b"}),
    }
)


@settings(deadline=None)
@given(st.lists(LEAVES, min_size=1, max_size=6))
def test_what_it_says_is_what_the_leaves_say(leaves: list[dict[str, Any]]) -> None:
    read = evidence_leaves.read([canonical.encode(leaf) for leaf in leaves])
    if read is None:
        assert any("\xe9" in leaf.values() or "sha256" in leaf["gaps"] for leaf in leaves)
    else:
        assert read.cited == {one for leaf in leaves for one in citations(leaf)}
        assert read.runs == Counter(leaf["run"] for leaf in leaves)


WHOLE = canonical.encode(
    {
        "slot": None,
        **dict.fromkeys(("caller", "ended", "provider", "run", "started", "type", "type_kind", "unit"), "x"),
        **{name: {"count": 1, "sha256": "ab" * 32} for name in ("completeness", "exchanges", "records")},
        "unit_name": "x", "complete": True, "gaps": {}, "kind": "evidence", "window": None,
    }
)  # fmt: skip


@pytest.mark.parametrize(
    "leaves",
    [
        [WHOLE.replace(b'"count":1', b'"count":1.0', 1)],
        [WHOLE.replace(b'"count":1', b'"count":9007199254740992', 1)],
        [WHOLE.replace(b'"unit":"x",', b"")],
        [WHOLE.replace(b'"unit":"x"', b'"unit":"x","a":1')],
        [WHOLE.replace(b"ab", b"AB", 1)],
        [WHOLE.replace(b":", b": ", 1)],
        [WHOLE + b"\n" + WHOLE],
        [WHOLE + b"\n" + WHOLE, b""],
        [WHOLE[:20], WHOLE[20:]],
        [WHOLE, b"{}"],
    ],
)
def test_any_other_leaf_is_left_to_the_long_way(leaves: list[bytes]) -> None:
    assert evidence_leaves.read([WHOLE, WHOLE])
    assert evidence_leaves.read(leaves) is None
