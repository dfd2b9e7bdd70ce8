"""Who outside an account may enter it or use what is in it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.model import Cause
from collector.records import Trust
from connectors.aws import aws
from connectors.aws.access.authorization import as_list, readable
from connectors.aws.connection import NO_ORGANISATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

ACCOUNT = re.compile(r"(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::.*)?")
KINDS = {"Service": "service", "Federated": "federated", "AWS": "account", "CanonicalUser": "account"}


class Outside(NamedTuple):
    """What is known of the organisation. `known`: accounts inside it; `all_known`: whether there are no others."""

    known: frozenset[str]
    all_known: bool

    def external(self, account: str | None) -> bool | None:
        """Whether an account is outside; None when that cannot be known."""
        if account is None:
            return None
        if account in self.known:
            return False
        return True if self.all_known else None


class Principal(NamedTuple):
    """Someone whom one statement of a trust policy lets in."""

    statement: int
    name: str
    kind: str
    condition: str | None


@aws.evidence(
    "aws.iam.role_trusts",
    yields=Trust,
    needs=[
        "ec2:DescribeRegions",
        "iam:GetAccountSummary",
        "iam:ListOpenIDConnectProviders",
        "iam:ListRoles",
        "iam:ListSAMLProviders",
        "organizations:DescribeOrganization",
        "ram:GetResourceShareAssociations",
        "ram:GetResourceShares",
    ],
)
def role_trusts(source: AwsSource) -> Iterator[Trust]:
    """Cross-account and federated trusts.

    Population: one row for each role in the account, each statement of its trust policy that allows, and each principal
    it names: accounts, AWS services, identity providers, anyone (`*`, or all but a list). One row for each identity
    provider (SAML, OpenID Connect) the account has set up, with the provider in place of the role. One row for each
    resource share in force and each principal it is shared with, with the share in place of the role. A share that may
    be offered outside the organisation, but is shared with nobody yet, has a row with the principal `nobody yet`.
    Statements that deny are in the raw answers only.

    `external` is false for this account, for the accounts collected, and for those that the configuration excludes;
    true for any other account when the run covers the organisation's accounts (a role is configured) or the account
    belongs to none; otherwise not known. A closed account of the organisation counts as external. AWS's services are
    not external. Of an identity provider nobody but the company can say whether it is its own: not known, as are
    principals of deleted identities and organisational units. `*` without a condition is external; with one, the
    condition decides, and is given word for word.

    Complete when every list was read to its last page, in every enabled region for shares; a role whose policy cannot
    be read is a gap; roles are as many as the account summary counts.
    """
    outside = _outside(source)
    parts = (_roles, _providers, _shares)
    for _, trusts in source.each(parts, lambda read: list(read(source, outside))):
        yield from trusts


def principals(document: Any) -> list[Principal] | None:  # noqa: ANN401 - whatever AWS gives as a policy
    """Whom a trust policy lets in, statement by statement; None when it cannot be read."""
    statements = readable(document)
    if statements is None:
        return None
    found = [
        Principal(number, name, kind, _condition(statement))
        for number, statement in enumerate(statements)
        if statement.get("Effect") == "Allow"
        for kind, name in _named(statement)
    ]
    return list(dict.fromkeys(found))


def _named(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """`(kind, name)` for each principal of a statement. All but a list is anyone."""
    if "NotPrincipal" in statement:
        yield "anyone", "not " + json.dumps(statement["NotPrincipal"], sort_keys=True)
        return
    given = statement.get("Principal")
    for kind, names in (given if isinstance(given, dict) else {"AWS": given}).items():
        for name in as_list(names):
            yield ("anyone" if kind == "AWS" and name == "*" else KINDS.get(kind, kind)), str(name)


def _condition(statement: Mapping[str, Any]) -> str | None:
    condition = statement.get("Condition")
    return json.dumps(condition, sort_keys=True, ensure_ascii=False) if condition else None


def account_of(principal: str) -> str | None:
    """The account in a principal's name: an account id, or an ARN of IAM or STS; None for any other."""
    match = ACCOUNT.fullmatch(principal)
    return match[1] if match else None


def _outside(source: AwsSource) -> Outside:
    """With a role configured, the run covers every active account of the organisation; without, only this one."""
    known = source.in_scope | {source.account} | frozenset(source.settings.excluded_accounts)
    if source.settings.role:
        return Outside(known, all_known=True)
    organisation = source.look("organizations", "DescribeOrganization", "Organization", absent=(NO_ORGANISATION,))
    return Outside(known, all_known=organisation.absent)


def _roles(source: AwsSource, outside: Outside) -> Iterator[Trust]:
    count = 0
    for role in source.list("iam", "ListRoles", "Roles"):
        count += 1
        found = principals(role.get("AssumeRolePolicyDocument"))
        if found is None:
            source.gap(
                Cause.TRUNCATED, f"iam:ListRoles {role['Arn']}", "its trust policy was not given or is unreadable"
            )
        for principal in found or ():
            yield _trust(role, principal, outside)
    roles = source.look("iam", "GetAccountSummary", "SummaryMap").get("SummaryMap", {}).get("Roles")
    if roles is not None:
        source.total("Roles in the account summary = roles listed", expected=roles, found=count)


def _trust(role: Answer, principal: Principal, outside: Outside) -> Trust:
    account = account_of(principal.name) if principal.kind == "account" else None
    external = {
        "service": False,
        "anyone": None if principal.condition else True,
        "account": outside.external(account),
    }.get(principal.kind)
    return Trust(
        key=f"{role['Arn']} {principal.statement} {principal.kind} {principal.name}",
        seen=[role],
        role=role["Arn"],
        principal=principal.name,
        principal_kind=principal.kind,
        account=account,
        external=external,
        condition=principal.condition,
    )


def _providers(source: AwsSource, _: Outside) -> Iterator[Trust]:
    for operation, key in (
        ("ListSAMLProviders", "SAMLProviderList"),
        ("ListOpenIDConnectProviders", "OpenIDConnectProviderList"),
    ):
        for provider in source.list("iam", operation, key):
            arn = provider["Arn"]
            name = arn.partition("/")[2]
            yield Trust(key=arn, seen=[provider], role=arn, principal=name, principal_kind="identity_provider")


def _shares(source: AwsSource, outside: Outside) -> Iterator[Trust]:
    answered = 0
    for _, trusts in source.each(source.regions, lambda region: list(_shared(source.at(region), outside))):
        answered += 1
        yield from trusts
    source.total("regions asked for resource shares", expected=len(source.regions), found=answered)


def _shared(source: AwsSource, outside: Outside) -> Iterator[Trust]:
    """The shares of one region. RAM's own `external` is left alone: its documentation contradicts itself on it."""
    shares = list(
        source.list("ram", "GetResourceShares", "resourceShares", resourceOwner="SELF", resourceShareStatus="ACTIVE")
    )
    reached: dict[str, list[Answer]] = {}
    if shares:
        for one in source.list(
            "ram", "GetResourceShareAssociations", "resourceShareAssociations", associationType="PRINCIPAL"
        ):
            if one.get("status") != "DISASSOCIATED":
                reached.setdefault(one["resourceShareArn"], []).append(one)
    for share in shares:
        for one in reached.get(share["resourceShareArn"], ()):
            yield _share(share, one["associatedEntity"], outside, one)
        if share["resourceShareArn"] not in reached and share.get("allowExternalPrincipals"):
            yield _share(share, "nobody yet", outside)


def _share(share: Answer, principal: str, outside: Outside, *also: Answer) -> Trust:
    arn, offered = share["resourceShareArn"], share.get("allowExternalPrincipals")
    account = account_of(principal)
    return Trust(
        key=f"{arn} {principal}",
        seen=[share, *also],
        role=arn,
        principal=principal,
        principal_kind="share",
        account=account,
        external=outside.external(account),
        condition=None if offered is None else f"allowExternalPrincipals={str(offered).lower()}",
    )
