"""Signing in to Google in an administrator's name: with a key, without one, and what becomes of a refusal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from google.auth import iam, impersonated_credentials
from google.auth.compute_engine import _metadata

from collector.errors import UsageError
from connectors.workspace.scopes import COULD_WRITE, PREFIX
from connectors.workspace.settings import WorkspaceSettings
from tests.connectors.workspace.gathering import connector, gather, gathered
from tests.doubles.rest import Given
from tests.doubles.workspace.estate import CUSTOMER
from tests.doubles.workspace.tokens import ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.workspace.server import WorkspaceDouble

USERS = "gws.users"


def granted(*evidence: str) -> set[str]:
    gws = connector()
    policy = gws.policy([gws.types[one] for one in evidence or gws.types])
    return {*policy["oauth_scopes"], *(one["scope"] for one in policy["could_write"])}


def test_the_organisation_is_found_and_everything_is_read_as_the_administrator(google: WorkspaceDouble) -> None:
    found = gather(google, USERS)
    assert str(found.snapshot.scope) == f"gws {CUSTOMER}"
    assert found.snapshot.scope.name == "northwind.example"
    assert found.snapshot.caller == google.manifest["administrator"]


def test_each_token_has_one_scope_and_no_token_is_kept(google: WorkspaceDouble) -> None:
    found = gather(google, "gws.groups")
    assert sorted(google.tokens.asked) == sorted(granted("gws.groups"))
    assert not any(b"ya29." in body for body in found.kept.values())


def test_what_the_policy_grants_is_enough_and_nothing_more_is_asked_for(google: WorkspaceDouble) -> None:
    """The delegation as it is printed opens everything, and each of its scopes opened a call that was answered."""
    google.tokens.delegated = granted()
    found = gathered(google, *connector().types)
    assert [str(gap) for one in found for gap in one.snapshot.gaps] == []
    assert set(google.tokens.asked) == google.tokens.delegated
    assert all(google.tokens.delegated & one.scopes for one in google.called)
    unused = {scope for scope in google.tokens.delegated if not any(scope in one.scopes for one in google.called)}
    assert unused == set()


def test_the_policy_only_reads_and_names_apart_what_google_shows_to_writers_only() -> None:
    gws = connector()
    policy = gws.policy(gws.types.values())
    assert all(scope.endswith(".readonly") for scope in policy["oauth_scopes"])
    assert policy["domain_wide_delegation"].split(",") == policy["oauth_scopes"]
    assert {one["scope"]: one["evidence"] for one in policy["could_write"]} == {
        f"{PREFIX}admin.directory.user.security": ["gws.tokens"],
        f"{PREFIX}apps.groups.settings": ["gws.groups"],
        f"{PREFIX}apps.alerts": ["gws.alerts"],
    }
    some = gws.policy([gws.types["gws.policies"]])
    assert some["oauth_scopes"] == [
        f"{PREFIX}admin.directory.orgunit.readonly",
        f"{PREFIX}admin.directory.user.readonly",
        f"{PREFIX}cloud-identity.policies.readonly",
    ]


def test_a_scope_that_is_not_delegated_costs_what_rests_on_it_and_nothing_else(google: WorkspaceDouble) -> None:
    google.tokens.delegated = granted() - COULD_WRITE
    found = {one.snapshot.evidence_type: one for one in gathered(google, *connector().types)}
    lost = {name for name, one in found.items() if not one.snapshot.complete}
    assert lost == {"gws.tokens", "gws.groups", "gws.alerts"}
    assert {cause for name in lost for cause in found[name].causes} == {"denied"}
    assert found["gws.groups"].table("access_grant"), "who is in them is read by another scope"


def test_a_token_of_too_few_scopes_is_denied(google: WorkspaceDouble) -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]
    error = {"code": 403, "message": "no license for this scope", "status": "PERMISSION_DENIED", "details": details}
    google.rest.fault(Given(403, {"error": error}), path="/v1/policies")
    assert gather(google, "gws.policies").causes == ["denied"]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"subject": "mallory@northwind.example"}, "could not be asked who mallory"),
        ({"credentials_file": "/nowhere/key.json"}, "cannot be read"),
        ({"credentials_file": __file__}, "is no JSON"),
    ],
)
def test_credentials_that_cannot_be_used_are_bad_input(
    google: WorkspaceDouble, settings: dict[str, Any], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        gather(google, USERS, settings=settings)


@pytest.mark.parametrize(
    ("info", "says"),
    [
        ({}, "does not say what kind"),
        ({"type": "authorized_user"}, "name the service account"),
        ({"type": "service_account", "private_key": "s3cret", "client_email": "a@b"}, "has no credentials"),
        ({"type": "service_account", "token_uri": "http://elsewhere.example/token"}, "must begin with https"),
    ],
)
def test_files_that_hold_no_credentials_say_so_and_are_not_quoted(
    google: WorkspaceDouble, tmp_path: Path, info: dict[str, str], says: str
) -> None:
    (tmp_path / "key.json").write_text(json.dumps(info))
    with pytest.raises(UsageError, match=says) as refused:
        gather(google, USERS, settings={"credentials_file": str(tmp_path / "key.json")})
    assert "s3cret" not in str(refused.value)


def test_an_administrator_without_the_right_is_bad_input(google: WorkspaceDouble) -> None:
    google.rest.fault(Given(403, {"error": {"code": 403, "message": "no"}}), path="/users/")
    with pytest.raises(UsageError, match="check \\[gws\\] subject"):
        gather(google, USERS)


@pytest.mark.parametrize("subject", ["", "ada"])
def test_the_administrator_must_be_named(subject: str) -> None:
    with pytest.raises(ValueError, match="the address of an administrator"):
        WorkspaceSettings(subject=subject)


def at_home(google: WorkspaceDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """google-auth has these of Google's addresses written in; all else is as in the world."""
    monkeypatch.setattr(iam, "_IAM_SIGNJWT_ENDPOINT", google.url + "/v1/projects/-/serviceAccounts/{}:signJwt")
    monkeypatch.setattr(impersonated_credentials, "_GOOGLE_OAUTH2_TOKEN_ENDPOINT", f"{google.url}/token")
    monkeypatch.setattr(_metadata, "_GCE_METADATA_HOST", google.url.removeprefix("http://"))


def test_a_machine_in_googles_cloud_signs_in_as_itself(
    google: WorkspaceDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_home(google, monkeypatch)
    found = gather(google, USERS, settings={"credentials_file": "", "service_account": ACCOUNT})
    assert found.snapshot.complete


@pytest.mark.parametrize("found", ["settings", "environment"])
def test_a_workload_signs_in_without_any_key(
    google: WorkspaceDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: str
) -> None:
    at_home(google, monkeypatch)
    file = google.tokens.federation_file(tmp_path)
    keyless = {"credentials_file": file if found == "settings" else "", "service_account": ACCOUNT}
    environment = {"GOOGLE_APPLICATION_CREDENTIALS": file} if found == "environment" else {}
    assert gather(google, USERS, settings=keyless, environment=environment).snapshot.complete
    (tmp_path / "proof").write_text("another's proof")
    with pytest.raises(UsageError, match="Google gave no token"):
        gather(google, USERS, settings=keyless, environment=environment)


def test_a_token_that_is_not_accepted_any_more_is_renewed_once(google: WorkspaceDouble) -> None:
    expired = {"error": {"code": 401, "message": "Invalid Credentials", "errors": [{"reason": "authError"}]}}
    google.rest.fault(Given(401, expired), path="/v1/policies", times=1)
    assert gather(google, "gws.policies").snapshot.complete
    assert google.tokens.asked.count(f"{PREFIX}cloud-identity.policies.readonly") == 2
