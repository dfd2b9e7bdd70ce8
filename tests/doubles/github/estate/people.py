"""Members, owners, outsiders, bots, invitations and teams."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.doubles.github.estate.nouns import Invitation, Person, Team

if TYPE_CHECKING:
    from tests.doubles.github.estate.ground import Ground

PIPELINE = "northwind-deployer[bot]"
DEPENDABOT = "dependabot[bot]"
ACTIONS_BOT = "github-actions[bot]"
WEB_FLOW = "web-flow"
BREAK_GLASS = "break-glass"
_NAMES = (
    "ada",
    "bruno",
    "chiara",
    "dmitri",
    "elif",
    "farah",
    "goran",
    "hana",
    "ivo",
    "jana",
    "kofi",
    "lena",
    "milos",
    "nadia",
    "omar",
    "petra",
    "quentin",
    "rosa",
    "sven",
    "tara",
    "umar",
    "vera",
    "wanda",
    "xenia",
    "yusuf",
    "zoe",
)
_OWNERS = 3
_WITHOUT_FACTOR = (5, 9, 21)
_WITHOUT_SAML = (7,)


def seed_people(ground: Ground) -> None:
    """The first three members own the organisation; a few have no second factor, one has no SAML identity."""
    org = ground.org
    for place in range(ground.size.members):
        turn, letter = divmod(place, len(_NAMES))
        login = _NAMES[letter] + (f"{turn + 1}" if turn else "")
        mail = f"{login}@northwind.example"
        role = "admin" if place < _OWNERS else "member"
        name_id = None if place in _WITHOUT_SAML else mail
        joined = org.start - timedelta(days=400 - 7 * place)
        factor = place not in _WITHOUT_FACTOR
        org.people[login] = Person(ground.id("user"), login, login.title(), mail, role, "User", factor, name_id, joined)
    for place, login in enumerate(("contractor-lin", "pentester-max", "agency-pia")):
        org.people[login] = Person(ground.id("user"), login, login.title(), "", "outside", two_factor=place != 1)
    for login in (PIPELINE, DEPENDABOT, ACTIONS_BOT):
        org.people[login] = Person(ground.id("user"), login, login, "", "none", "Bot")
    org.people[WEB_FLOW] = Person(ground.id("user"), WEB_FLOW, "GitHub", "noreply@github.com")
    owners = [one.login for one in org.with_role("admin")]
    org.invitations = [
        Invitation(
            ground.id("invitation"),
            "newcomer-1",
            "newcomer@northwind.example",
            "direct_member",
            owners[0],
            ground.ago(days=2),
        ),
        Invitation(
            ground.id("invitation"),
            None,
            "old-invite@northwind.example",
            "direct_member",
            owners[1],
            ground.ago(days=6),
        ),
    ]
    ground.manifest.facts |= {
        "members": {one.login: one.role for one in org.with_role("admin", "member")},
        "without_two_factor": [p.login for p in org.with_role("admin", "member", "outside") if not p.two_factor],
        "without_saml": [p.login for p in org.with_role("admin", "member") if p.saml_name_id is None],
        "bots": [PIPELINE, DEPENDABOT, ACTIONS_BOT],
        "pipeline": PIPELINE,
        "emergency_team": BREAK_GLASS,
        "invitations": [one.id for one in org.invitations],
    }


def seed_teams(ground: Ground) -> None:
    """Engineering, two teams within it, and the few who may break the glass."""
    org = ground.org
    people = [one.login for one in org.with_role("admin", "member")]
    third = len(people) // 3
    _team(ground, "Engineering", None, people[:2])
    _team(ground, "Backend", "engineering", people[2 : 2 + third])
    _team(ground, "Frontend", "engineering", people[2 + third : 2 + 2 * third])
    _team(ground, "Break Glass", None, people[:2])
    _team(ground, "Security", None, people[1:4])


def _team(ground: Ground, name: str, parent: str | None, logins: list[str]) -> None:
    slug = name.lower().replace(" ", "-")
    members = {login: "maintainer" if place == 0 else "member" for place, login in enumerate(logins)}
    created = ground.org.start - timedelta(days=300)
    ground.org.teams[slug] = Team(ground.id("team"), name, slug, parent, created, members)
