"""Who can write or delete in an Azure container: told by answers in the wire format of Azure's management."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from collector.archive.azure import AzureStore
from collector.archive.places import Container, Terms
from collector.archive.principals import CHANGES, Power, Principals, Stops
from collector.archive.worm import State

from .test_azure_wire import KEY
from .wire import Answer, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 1, tzinfo=UTC)
GROUP = "/subscriptions/s/resourceGroups/g"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/a"
CONTAINER = f"{ACCOUNT}/blobServices/default/containers/c"
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
ROLES: dict[str, dict[str, Any]] = {
    "owner": {"roleName": "Owner", "permissions": [{"actions": ["*"], "notActions": [], "dataActions": []}]},
    "reader": {"roleName": "Reader", "permissions": [{"actions": ["*/read"], "dataActions": []}]},
    "contributor": {
        "roleName": "Contributor",
        "permissions": [{"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}],
    },
    "blobs": {"roleName": "Storage Blob Data Contributor", "permissions": [{"dataActions": [f"{BLOBS}/*"]}]},
    "keep": {
        "roleName": "keeps evidence",
        "permissions": [{"actions": ["Microsoft.Storage/*/read"], "dataActions": [f"{BLOBS}/add/action"]}],
    },
    "keys": {
        "roleName": "Storage Account Key Operator",
        "permissions": [{"actions": ["Microsoft.Storage/storageAccounts/listkeys/action"]}],
    },
}  # fmt: skip
CONDITION = "((!(ActionMatches{'…/blobs/delete'})))"
Answered = dict[str, Any]


def assigned(who: str, role: str, scope: str, kind: str = "User", **more: Any) -> Answered:
    definition = f"/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/{role}"
    told = {"principalId": who, "principalType": kind, "roleDefinitionId": definition, "scope": scope}
    return {"id": f"{scope}/x/{who}", "name": who, "properties": told | more}


class Azure:
    """A management that holds what a test says."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.container()
        self.account()
        self.assignments()
        self.eligible()
        for name, role in ROLES.items():
            self.answer(f"{CONTAINER}/providers/Microsoft.Authorization/roleDefinitions/{name}", {"properties": role})

    def answer(self, path: str, body: Any, status: int = 200) -> None:
        self.wire.always[f"^GET {path}\\?"] = Answer(status, body if isinstance(body, str) else json.dumps(body))

    def container(self, *, versions: bool = False) -> None:
        named = {
            "x-ms-has-immutability-policy": "true",
            "x-ms-immutable-storage-with-versioning-enabled": str(versions).lower(),
        }
        self.wire.always[r"GET /a/c\?restype=container$"] = Answer(headers=named)

    def account(self, **more: Any) -> None:
        self.answer(ACCOUNT, {"properties": {"creationTime": "2026-01-01T00:00:00Z", **more}})

    def assignments(self, *listed: Answered) -> None:
        self.answer(f"{CONTAINER}/providers/Microsoft.Authorization/roleAssignments", {"value": listed})

    def eligible(self, *listed: Answered) -> None:
        self.answer(
            f"{CONTAINER}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances", {"value": listed}
        )

    def told(self, *, managed: bool = True) -> Principals:
        here = self.wire.endpoint
        named = {"subscription": "s", "group": "g", "management": here} if managed else {}
        return AzureStore(
            Container("a", "c", "x/", endpoint=f"{here}/a", **named), Terms(30, lambda: NOW, KEY)
        ).principals()


@pytest.fixture
def azure() -> Iterator[Azure]:
    with Wire() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Azure(server)
        server.shutdown()


def test_roles_on_the_container_and_on_all_above_it(azure: Azure) -> None:
    azure.account(allowSharedKeyAccess=False)
    azure.assignments(
        assigned("collector", "keep", ACCOUNT, "ServicePrincipal"),
        assigned("ada", "blobs", CONTAINER, condition=CONDITION, conditionVersion="2.0"),
        assigned("ops", "contributor", "/subscriptions/s", "Group"),
        assigned("boss", "OWNER", "/providers/Microsoft.Management/managementGroups/m"),
        assigned("eve", "reader", GROUP),
        assigned("robot", "keys", GROUP, "ServicePrincipal"),
        assigned("lifted", "owner", "/"),
    )
    azure.eligible(assigned("pim", "blobs", GROUP))
    found = azure.told()
    data = frozenset({Power.PUT, Power.OVERWRITE, Power.DELETE, Power.LOCK, Power.RIGHTS})
    assert [(one.name, one.may, one.known_from, one.on) for one in found.named] == [
        ("ServicePrincipal collector", {Power.PUT}, f"role assignment on the account, inherited ({ACCOUNT})",
         "role keeps evidence"),
        ("User ada", data, f"role assignment on the container ({CONTAINER})", "role Storage Blob Data Contributor"),
        ("Group ops", {Power.DELETE, Power.LOCK, Power.RIGHTS},
         "role assignment on the subscription, inherited (/subscriptions/s)", "role Contributor"),
        ("User boss", {Power.DELETE, Power.LOCK, Power.RIGHTS},
         "role assignment on a management group, inherited (/providers/Microsoft.Management/managementGroups/m)",
         "role Owner"),
        ("User lifted", {Power.DELETE, Power.LOCK, Power.RIGHTS},
         "role assignment on everything of the tenant, inherited (/)", "role Owner"),
        ("User pim", data, f"role that its holder may activate, assigned on the resource group, inherited ({GROUP})",
         "role Storage Blob Data Contributor"),
    ]  # fmt: skip
    assert found.named[1].condition == CONDITION
    assert any("global administrators of the tenant" in one for one in found.untold)
    assert not [one for one in found.untold if "could not be read" in one]


def test_keys_open_the_account_unless_it_takes_none(azure: Azure) -> None:
    azure.assignments(assigned("robot", "keys", GROUP, "ServicePrincipal"), assigned("ops", "contributor", GROUP))
    azure.account(sasPolicy={"sasExpirationPeriod": "1.00:00:00", "expirationAction": "Log"})
    keys, robot, ops = azure.told().named
    assert keys.name == "whoever has a key of the account, or a link signed with one (SAS)"
    assert (keys.may, keys.known_from) == (CHANGES | {Power.LOCK}, "the account takes its keys")
    assert json.loads(keys.on) == {"sasPolicy": {"sasExpirationPeriod": "1.00:00:00", "expirationAction": "Log"}}
    assert (robot.may, ops.may) == (CHANGES | {Power.LOCK}, frozenset(Power))
    azure.account(allowSharedKeyAccess=False)
    assert [one.name for one in azure.told().named] == ["User ops"]
    key = {
        "keySource": "Microsoft.Keyvault",
        "keyvaultproperties": {"keyname": "k", "keyvaulturi": "https://v.invalid"},
    }
    azure.account(allowSharedKeyAccess=False, isSftpEnabled=True, isHnsEnabled=True, encryption=key)
    found = azure.told()
    assert found.named[0].name == "local users of the account (SFTP)"
    assert any("access lists of their own" in one for one in found.untold)
    assert any("encrypted with the key k in https://v.invalid: who can disable" in one for one in found.untold)


def test_all_pages_are_read_and_a_page_elsewhere_is_not(azure: Azure) -> None:
    azure.account(allowSharedKeyAccess=False)
    here = f"{azure.wire.endpoint}{CONTAINER}/more"
    first, second = assigned("one", "blobs", CONTAINER), assigned("two", "blobs", CONTAINER)
    path = f"{CONTAINER}/providers/Microsoft.Authorization/roleAssignments"
    azure.answer(path, {"value": [first], "nextLink": f"{here}?$skiptoken=2"})
    azure.answer(f"{CONTAINER}/more", {"value": [second]})
    assert [one.name for one in azure.told().named] == ["User one", "User two"]
    for following in ("http://elsewhere.invalid/more?x=1", f"{here}?$skiptoken=2"):
        azure.answer(path, {"value": [first], "nextLink": following})
        azure.answer(f"{CONTAINER}/more", {"value": [second], "nextLink": following})
        found = azure.told()
        assert found.named == (), "part of a list is no list"
        assert any(
            "List of roleAssignments of az://a/c/x was answered by no list, or one without" in one
            for one in found.untold
        )


def test_what_is_asked_is_what_azure_documents(azure: Azure) -> None:
    wanted = {"roleAssignments": "2022-04-01", "roleEligibilityScheduleInstances": "2020-10-01"}
    kept = {
        pattern: azure.wire.always.pop(pattern)
        for pattern in [*azure.wire.always]
        if any(one in pattern for one in wanted)
    }
    azure.wire.answers = [*kept.values()]
    azure.told()
    for line, _, _ in azure.wire.asked:
        asked = urlsplit(line.partition(" ")[2])
        kind = asked.path.rpartition("/")[2]
        assert asked.path == f"{CONTAINER}/providers/Microsoft.Authorization/{kind}"
        assert parse_qs(asked.query) == {"api-version": [wanted.pop(kind)], "$filter": ["atScope()"]}
    assert wanted == {}


AUTHORIZATION = f"{CONTAINER}/providers/Microsoft.Authorization"


@pytest.mark.parametrize(
    ("path", "right"),
    [
        (ACCOUNT, "Microsoft.Storage/storageAccounts/read"),
        (f"{AUTHORIZATION}/roleAssignments", "Microsoft.Authorization/roleAssignments/read"),
        (
            f"{AUTHORIZATION}/roleEligibilityScheduleInstances",
            "Microsoft.Authorization/roleEligibilityScheduleInstances/read",
        ),
        (f"{AUTHORIZATION}/roleDefinitions/keep", "Microsoft.Authorization/roleDefinitions/read"),
    ],
)
def test_a_refusal_is_told_with_its_right_and_the_rest_is_there(azure: Azure, path: str, right: str) -> None:
    azure.account(allowSharedKeyAccess=False)
    azure.assignments(assigned("collector", "keep", ACCOUNT, "ServicePrincipal"))
    azure.eligible(assigned("pim", "blobs", GROUP))
    azure.answer(path, {"error": {"code": "AuthorizationFailed", "message": "no"}}, 403)
    found = azure.told()
    assert [one for one in found.untold if f"could not be read: DENIED {right} (" in one], found.untold
    named = {one.name: one.may for one in found.named}
    if right.endswith("storageAccounts/read"):
        assert found.named[0].known_from == "the account, which could not be read: it may take its keys"
    assert ("ServicePrincipal collector" in named) == ("roleAssignments" not in right)
    assert ("User pim" in named) == ("Eligibility" not in right)
    if "roleDefinitions" in right:
        assert named["ServicePrincipal collector"] is None
    for body in ("<html>", "{}", '{"value": [{}]}', '{"properties": {"permissions": ["x"]}}'):
        azure.answer(path, body)
        assert [one for one in azure.told().untold if "could not be read: " in one and f"it takes {right}" in one], body


def test_without_the_management_nothing_is_known_and_that_is_said(azure: Azure) -> None:
    found = azure.told(managed=False)
    assert found.named == ()
    assert found.untold[0].startswith("cannot be told from the container: Azure's management alone knows")


def test_what_a_lock_of_single_versions_stops_is_less(azure: Azure) -> None:
    for versions, stops in ((False, Stops.YES), (True, Stops.PARTLY)):
        azure.container(versions=versions)
        under = azure.told().under(State.LOCKED)
        assert (under[Power.DELETE].stops, under[Power.OVERWRITE].stops, under[Power.PUT].stops) == (
            stops,
            stops,
            Stops.NO,
        )
    azure.wire.always[r"GET /a/c\?restype=container$"] = Answer(403)
    assert azure.told().under(State.LOCKED)[Power.DELETE].stops is Stops.PARTLY, "the less, where it is not known"
