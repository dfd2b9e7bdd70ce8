"""For any rows at all."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.records import AccessEvent, Account, Credential, Key, LogSource, Resource
from tests.assess.sealed import CONTROLS, NOW, UNIT, Sealed, ago
from tests.assess.test_judge import DENIED

words = st.sampled_from(
    [None, "human", "root", "active", "disabled", "access_key", "customer", "enabled", "true", "it"]
)
moments = st.sampled_from([None, NOW, ago(days=50), ago(days=500)])
truths = st.sampled_from([None, True, False])
names = st.sampled_from(["a", "b", "c"])


def drawn(record: type[Any], **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Rows of one type with anything in their columns; the same key may come twice."""
    return st.lists(st.builds(record, seen=st.just(()), key=names, **columns), max_size=3)


rows = st.fixed_dictionaries(
    {
        "aws.iam.credential_report": st.one_of(
            drawn(Account, account_id=names, kind=words, status=words, mfa_enrolled=truths, created_at=moments),
            drawn(Credential, credential_id=names, kind=words, status=words, rotated_at=moments),
        ),
        "aws.cloudtrail.root_and_console": drawn(AccessEvent, event_id=names, actor_kind=words, outcome=words),
        "aws.kms.keys": drawn(Key, key_id=names, manager=words, state=words, rotation_on=truths, policy_open=truths),
        "aws.cloudtrail.trails": drawn(
            LogSource, source=names, kind=words, enabled=truths, all_regions=truths, delivered_at=moments
        ),
        "aws.encryption.at_rest": drawn(Resource, resource_id=names, type=words, encrypted=truths, public=truths),
        "aws.s3.public_access": drawn(Resource, resource_id=names, type=words, public=truths),
    }
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows)
def test_whatever_the_rows_an_incomplete_scope_passes_nothing(drawn_rows: dict[str, list[Any]]) -> None:
    sealed = Sealed()
    for control in CONTROLS.values():
        for needed in control.evidence:
            if not any(one.type == needed for one in sealed.evidence):
                sealed.add(needed, drawn_rows.get(needed, ()), gaps=(DENIED,))
    for assessment in sealed.judge(*CONTROLS.values()):
        assert {one.outcome for one in assessment.outcomes} == {"cannot_tell"}
        provider = assessment.control.evidence[0].partition(".")[0]
        assert f"the whole of {provider} {UNIT}" in {one.item for one in assessment.outcomes}
