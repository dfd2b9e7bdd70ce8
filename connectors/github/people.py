"""Who is in the organisation, and who from outside it has access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import AccessGrant, Account, ExternalIdentity
from connectors.github import github
from connectors.github.moments import moment
from connectors.github.organisation_api import SIGN_ON, SIGNED_ON

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

MEMBERS = "GET /orgs/{org}/members"
OUTSIDERS = "GET /orgs/{org}/outside_collaborators"
INVITATIONS = "GET /orgs/{org}/invitations"
REPOSITORIES = "GET /orgs/{org}/repos"
COLLABORATORS = "GET /repos/{owner}/{repo}/collaborators"
TEAMS = "GET /orgs/{org}/teams"
TEAM_MEMBERS = "GET /orgs/{org}/teams/{team_slug}/members"
REPOSITORY_TEAMS = "GET /repos/{owner}/{repo}/teams"
_KINDS = {"User": "human", "Bot": "service"}


@github.evidence(
    "github.org.members",
    yields=(Account, AccessGrant, ExternalIdentity),
    needs=[MEMBERS, INVITATIONS, SIGN_ON, SIGNED_ON],
)
def members(source: RestSource) -> Iterator[Account | AccessGrant | ExternalIdentity]:
    """Members, owners and MFA state.

    Every member of the organisation; owners are privileged, and each holds the widest role there (a grant). Invitations
    that nobody has taken up yet are in the list as accounts of status `invited`. Whether a member lacks a second factor
    is told to owners only: for anyone else it is a gap, and unknown for every member. An address is that of the
    company's own sign-in (SAML), where it has one and GitHub shows it; others are unknown. Each identity there, and
    each by which the company's provider keeps accounts here (SCIM), is a row of its own: GitHub has proved these to be
    the member's.

    Whole when the list of all members is as long as those of owners and of ordinary members together.
    """
    lacking = _without_second_factor(source, MEMBERS)
    sign_on, known_as = _known_as(source)
    everyone = list(source.list(MEMBERS, role="all"))
    owners = {one["id"] for one in source.list(MEMBERS, role="admin")}
    ordinary = {one["id"] for one in source.list(MEMBERS, role="member")}
    for one in everyone:
        privileged = True if one["id"] in owners else False if one["id"] in ordinary else None
        yield _account(one, lacking, privileged=privileged, external=False, known_as=known_as.get(one["login"]))
        if privileged:
            yield _ownership(one, source.scope.unit_id)
    for login, told in known_as.items():
        yield from _identities(login, told, sign_on)
    for invitation in source.list(INVITATIONS):
        named = invitation.get("login") or invitation.get("email")
        yield Account(
            key=f"invitation {invitation['id']}",
            seen=[invitation],
            account_id=named or f"invitation {invitation['id']}",
            email=invitation.get("email"),
            kind="human",
            status="invited",
            privileged=invitation.get("role") == "admin",
            created_at=moment(invitation.get("created_at")),
            sponsor=(invitation.get("inviter") or {}).get("login"),
        )
    source.total("members = owners + ordinary members", expected=len(owners) + len(ordinary), found=len(everyone))


@github.evidence(
    "github.outside_collaborators",
    yields=(Account, AccessGrant),
    needs=[OUTSIDERS, REPOSITORIES, COLLABORATORS],
)
def outsiders(source: RestSource) -> Iterator[Account | AccessGrant]:
    """Outside collaborators.

    Everyone who is no member and may act in a repository, with what they may do in each. GitHub does not say who
    answers for them, nor when they were last active. Whole when the Link header is exhausted and every repository was
    visited.
    """
    lacking = _without_second_factor(source, OUTSIDERS)
    for one in source.list(OUTSIDERS):
        yield _account(one, lacking, privileged=None, external=True)
    repositories = source.list(REPOSITORIES)
    for repository, found in source.each(repositories, lambda one: _collaborators(source, one, "outside")):
        for one in found:
            yield _grant(one, repository, via="direct")


@github.evidence(
    "github.repo.access",
    yields=AccessGrant,
    needs=[REPOSITORIES, COLLABORATORS, REPOSITORY_TEAMS, TEAMS, TEAM_MEMBERS],
)
def repository_access(source: RestSource) -> Iterator[AccessGrant]:
    """Who can write to or administer each repository.

    For every repository that is not archived: each person with the widest permission they have there by any way, each
    person who has one granted directly, and each team. For every team, its members, those of teams nested in it
    included. Whole when every repository and every team was visited.
    """
    live = [one for one in source.list(REPOSITORIES) if not one["archived"]]
    for repository, found in source.each(live, lambda one: _collaborators(source, one, "all")):
        for one in found:
            yield _grant(one, repository, via="any")
    for repository, found in source.each(live, lambda one: _collaborators(source, one, "direct")):
        for one in found:
            yield _grant(one, repository, via="direct")
    for repository, teams in source.each(
        live, lambda one: list(source.list(REPOSITORY_TEAMS, owner=source.scope.unit_id, repo=one["name"]))
    ):
        for team in teams:
            yield AccessGrant(
                key=f"team {team['slug']} {repository['full_name']}",
                seen=[team, repository],
                principal_id=team["slug"],
                principal_kind="group",
                resource=repository["full_name"],
                role=team.get("permission"),
                privileged=_administers(team.get("permission")),
                via="direct",
            )
    of_team = source.each(source.list(TEAMS), lambda one: list(source.list(TEAM_MEMBERS, team_slug=one["slug"])))
    for team, people in of_team:
        for one in people:
            yield AccessGrant(
                key=f"{one['login']} in team {team['slug']}",
                seen=[one, team],
                principal_id=one["login"],
                principal_kind=_KINDS.get(one.get("type", "")),
                resource=f"team {team['slug']}",
                role="member",
                privileged=False,
                via=f"group {team['slug']}",
            )


def _without_second_factor(source: RestSource, operation: str) -> set[int] | None:
    """Ids of those who lack a second factor; None, and a gap, where GitHub does not say."""
    for _, found in source.each(("2fa_disabled",), lambda name: list(source.list(operation, filter=name))):
        return {one["id"] for one in found}
    return None


def _account(
    person: Answer,
    lacking: set[int] | None,
    *,
    privileged: bool | None,
    external: bool,
    known_as: Answer | None = None,
) -> Account:
    return Account(
        key=str(person["id"]),
        seen=[person] if known_as is None else [person, known_as],
        account_id=person["login"],
        email=None if known_as is None else _email(known_as),
        kind=_KINDS.get(person.get("type", "")),
        status="active",
        privileged=privileged,
        mfa_enrolled=None if lacking is None else person["id"] not in lacking,
        external=external,
    )


def _ownership(person: Answer, organisation: str) -> AccessGrant:
    return AccessGrant(
        key=f"owner {person['id']}",
        seen=[person],
        principal_id=person["login"],
        principal_kind=_KINDS.get(person.get("type", "")),
        resource=organisation,
        role="owner",
        privileged=True,
        widest=True,
        written_by="provider",
        via="direct",
    )


def _known_as(source: RestSource) -> tuple[str | None, dict[str, Answer]]:
    """The company's own sign-in, and what it calls each member; nothing where there is none, or GitHub shows none."""
    provider = source.look(SIGN_ON, org=source.scope.unit_id).tell(_provider)
    if provider is None:
        return None, {}
    listed = source.list(SIGNED_ON, org=source.scope.unit_id)
    return provider.get("issuer"), {one["user"]["login"]: one for one in listed if one["user"] is not None}


def _provider(answer: Answer) -> Mapping[str, str | None] | None:
    found: Mapping[str, str | None] | None = (answer["data"].get("organization") or {}).get("samlIdentityProvider")
    return found


def _identities(login: str, told: Answer, issuer: str | None) -> Iterator[ExternalIdentity]:
    for via, names in (("saml", ("nameId", "username")), ("scim", ("username",))):
        said = told.get(f"{via}Identity") or {}
        for subject in dict.fromkeys(said[name] for name in names if said.get(name)):
            yield ExternalIdentity(
                key=f"{via} {told['guid']} {subject}",
                seen=[told],
                account_id=login,
                subject=subject,
                via=via,
                issuer=issuer,
            )


def _email(told: Answer) -> str | None:
    name = (told["samlIdentity"] or {}).get("nameId") or ""
    return name if "@" in name else None


def _collaborators(source: RestSource, repository: Answer, affiliation: str) -> list[Answer]:
    return list(
        source.list(COLLABORATORS, owner=source.scope.unit_id, repo=repository["name"], affiliation=affiliation)
    )


def _grant(person: Answer, repository: Answer, *, via: str) -> AccessGrant:
    return AccessGrant(
        key=f"{person['login']} {repository['full_name']} {via}",
        seen=[person, repository],
        principal_id=person["login"],
        principal_kind=_KINDS.get(person.get("type", "")),
        resource=repository["full_name"],
        role=person.get("role_name"),
        privileged=_administers(person.get("role_name")),
        via=via,
    )


def _administers(role: str | None) -> bool | None:
    """Whether the role administers; None for a role of the company's own making, which may."""
    known = {"admin": True, "maintain": False, "write": False, "push": False, "triage": False, "read": False}
    return known.get({"pull": "read"}.get(role or "", role or ""))
