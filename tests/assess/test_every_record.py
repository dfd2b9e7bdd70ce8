"""A row of each record type there is can be judged: no connector's rows may end the judgement of all."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any

import pytest

from collector.assess.schema import COMMON, record_types
from collector.normalise import columns
from tests.assess.sealed import CONTROLS, NOW, Sealed

if TYPE_CHECKING:
    from collector.records import Record

RECORDS = sorted(record_types().items())
SAMPLES: dict[str, Any] = {"str": "x", "bool": True, "int": 1, "datetime": NOW, "tuple[str, ...]": ("x",)}


@pytest.mark.parametrize("record", [one for _, one in RECORDS], ids=[name for name, _ in RECORDS])
def test_a_row_of_it_is_loaded_and_stands_in_nobodys_way(record: type[Record]) -> None:
    own = set(columns(record))
    assert own.isdisjoint(COMMON), "a column of its own that is named as one that every table has"
    needed = {one.name: SAMPLES[str(one.type)] for one in fields(record) if one.name in own and one.default is MISSING}
    sealed = Sealed()
    sealed.add("aws.s3.public_access", [record(key="k", seen=(), **needed)])
    (assessment,) = sealed.judge(CONTROLS["IAM-15"])
    assert not [one for one in assessment.outcomes if one.item in {"the rule itself", "the whole of aws 111111111111"}]
    assert assessment.leaves == (0,)
