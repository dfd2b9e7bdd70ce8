"""Who outside may use what is inside, and which rights nobody uses, as AWS's own analyzer sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.connector import Per
from collector.records import Finding, Monitor
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

EXTERNAL = "external_access"
KINDS = {
    "ACCOUNT": EXTERNAL,
    "ORGANIZATION": EXTERNAL,
    "ACCOUNT_UNUSED_ACCESS": "unused_access",
    "ORGANIZATION_UNUSED_ACCESS": "unused_access",
    "ACCOUNT_INTERNAL_ACCESS": "internal_access",
    "ORGANIZATION_INTERNAL_ACCESS": "internal_access",
}
RULES = {
    "ExternalAccess": EXTERNAL,
    "InternalAccess": "internal_access",
    "UnusedIAMRole": "unused_role",
    "UnusedIAMUserAccessKey": "unused_access_key",
    "UnusedIAMUserPassword": "unused_password",
    "UnusedPermission": "unused_permission",
}
_STATES = {"ACTIVE": "enabled", "DISABLED": "disabled", "FAILED": "disabled"}
_STATUSES = {"ACTIVE": "open", "ARCHIVED": "accepted", "RESOLVED": "closed"}


@aws.evidence(
    "aws.access_analyzer.findings",
    yields=(Finding, Monitor),
    needs=["accessanalyzer:ListAnalyzers", "accessanalyzer:ListFindingsV2"],
    per=Per.PLACE,
)
def findings(source: AwsSource) -> Iterator[Finding | Monitor]:
    """External and unused access findings.

    Population, in each enabled region: every analyzer that IAM Access Analyzer has in the account (a row of kind
    `external_access`, `unused_access` or `internal_access`), and every finding of each, whatever its status. A region
    without an analyzer for access from outside has a row that says `absent`: it has no findings because nobody looks.
    `covers` is the region; for an analyzer that looks at the whole organisation `organisation/REGION`, seen only in the
    account that it is run from, where its findings of the other accounts are too (`within` is theirs).

    A finding is `open`, `accepted` where people or their rule archived it, and `closed` where AWS saw that the access
    is gone; `closed_at` is then its last update. One that says that the resource could not be analysed has no status.
    AWS drops a finding some time after it was closed. Who has the access is not in the list that is read.

    Complete when the last page of the analyzers, and of the findings of each, was read in every enabled region.
    """
    pages = list(source.pages("accessanalyzer", "ListAnalyzers", "analyzers"))
    analyzers = [one for page in pages for one in page.parts("analyzers")]
    for one in analyzers:
        whole = "organisation/" if str(one.get("type")).startswith("ORGANIZATION") else ""
        yield Monitor(
            key=one["arn"],
            seen=[one],
            monitor=one["arn"],
            kind=KINDS.get(one.get("type", "")),
            covers=f"{whole}{source.place}",
            state=_STATES.get(one.get("status", "")),
        )
    # A kind that nobody here knows might look for access from outside too.
    if not any(KINDS.get(one.get("type", ""), EXTERNAL) == EXTERNAL for one in analyzers):
        yield Monitor(
            key=f"{source.place} none",
            seen=pages,
            monitor=f"analyzer of access from outside in {source.place}",
            kind=EXTERNAL,
            covers=source.place,
            state="absent",
        )
    for analyzer, found in source.each(analyzers, lambda one: _of_analyzer(source, one)):
        for one in found:
            yield _finding(source, analyzer, one)


def _of_analyzer(source: AwsSource, analyzer: Answer) -> Sequence[Answer]:
    return list(source.list("accessanalyzer", "ListFindingsV2", "findings", analyzerArn=analyzer["arn"]))


def _finding(source: AwsSource, analyzer: Answer, one: Answer) -> Finding:
    status = None if one.get("error") else _STATUSES.get(one.get("status", ""))
    owner = one.get("resourceOwnerAccount")
    return Finding(
        key=f"{analyzer['arn']} {one['id']}",
        seen=[one, analyzer],
        finding_id=one["id"],
        asset_id=one.get("resource"),
        rule=RULES.get(one.get("findingType", ""), one.get("findingType")),
        status=status,
        first_seen_at=one.get("createdAt"),
        last_seen_at=one.get("analyzedAt"),
        closed_at=one.get("updatedAt") if status == "closed" else None,
        within=owner if owner != source.account else None,
    )
