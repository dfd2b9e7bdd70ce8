"""Who can write or delete in a bucket of Google's, told by a double that Google's own description judges."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from collector.archive.gcs_calls import POLICY, ROLES, watching_credentials
from collector.archive.places import GoogleBucket, google_bucket_at
from collector.archive.principals import Power, Principals, Stops
from collector.archive.worm import State
from collector.errors import ArchiveError
from tests.doubles.discovery import Discovery

from .clouds import gcs_bucket, place_in
from .wire import Answer, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.doubles.gcs.server import GcsDouble
    from tests.doubles.gcs.state import Bucket

PROJECT = "123456789012"
KEEP = f"projects/{PROJECT}/roles/keep"
CREATOR, ADMIN, VIEWER, OWNER = (
    f"roles/{one}" for one in ("storage.objectCreator", "storage.admin", "storage.objectViewer", "owner")
)
GIVEN = {
    KEEP: ["storage.buckets.get", "storage.objects.create", "storage.objects.get", "storage.objects.list"],
    CREATOR: ["storage.objects.create", "storage.folders.create"],
    ADMIN: [
        "storage.buckets.update",
        "storage.buckets.setIamPolicy",
        "storage.objects.create",
        "storage.objects.delete",
    ],
    VIEWER: ["storage.objects.get", "storage.objects.list"],
    OWNER: ["resourcemanager.projects.setIamPolicy", "iam.roles.update", "compute.instances.list"],
}
ONCE = {"title": "once", "expression": 'request.time < timestamp("2026-12-01T00:00:00Z")'}


@pytest.fixture
def bucket(gcs: GcsDouble) -> Iterator[tuple[str, Bucket]]:
    url = gcs_bucket(gcs, lock="policy")
    before, gcs.service.roles = gcs.service.project_policy, {**GIVEN}
    gcs.service.project_policy = {
        "version": 1,
        "etag": "x",
        "bindings": [{"role": OWNER, "members": ["user:boss@x.example"]}],
    }
    found = gcs.service.bucket(google_bucket_at(url).name)
    found.bindings = [
        {"role": KEEP, "members": ["serviceAccount:collector@p.iam.gserviceaccount.com"]},
        {"role": ADMIN, "members": ["group:ops@x.example", "projectOwner:p"], "condition": ONCE},
        {"role": VIEWER, "members": ["allUsers"]},
    ]
    yield url, found
    gcs.service.project_policy, gcs.service.roles = before, {}


def told(url: str) -> Principals:
    return place_in(url).principals()


def test_members_are_told_by_what_their_roles_give(bucket: tuple[str, Bucket]) -> None:
    url, held = bucket
    found = told(url)
    own, above = f"bucket policy of gs://{held.name}", f"policy of project {PROJECT}"
    admin = frozenset(Power)
    assert [(one.name, one.may, one.known_from, one.on) for one in found.named] == [
        ("serviceAccount:collector@p.iam.gserviceaccount.com", frozenset({Power.PUT}), own, KEEP),
        ("group:ops@x.example", admin, own, ADMIN),
        ("projectOwner:p", admin, own, ADMIN),
        ("user:boss@x.example", frozenset({Power.RIGHTS}), above, OWNER),
    ], "who may only read is nobody who can change the archive"
    assert json.loads(found.named[1].condition) == ONCE
    assert any(f"a folder or the organisation above project {PROJECT}" in one for one in found.untold)
    assert any("who is in a group that is named" in one for one in found.untold)
    assert any("access lists of single objects were not looked at" in one for one in found.untold)
    held.fields["encryption"] = {"defaultKmsKeyName": "projects/p/locations/eu/keyRings/r/cryptoKeys/k"}
    assert any(
        "encrypted with the key projects/p/locations/eu/keyRings/r/cryptoKeys/k" in one for one in told(url).untold
    )
    held.fields["iamConfiguration"] = {"uniformBucketLevelAccess": {"enabled": True}}
    assert not any("access lists of single objects" in one for one in told(url).untold)
    stops = {power: one.stops for power, one in found.under(State.LOCKED).items()}
    assert (stops[Power.DELETE], stops[Power.PUT], stops[Power.LOCK]) == (Stops.YES, Stops.NO, Stops.PARTLY)


def test_what_only_a_project_can_give_counts_for_nothing_on_a_bucket(bucket: tuple[str, Bucket]) -> None:
    url, held = bucket
    held.bindings = [{"role": OWNER, "members": ["user:x@x.example"]}]
    assert [one.name for one in told(url).named] == ["user:boss@x.example"]


def test_a_refusal_is_told_and_the_rest_is_there(gcs: GcsDouble, bucket: tuple[str, Bucket]) -> None:
    url, held = bucket
    gcs.service.roles[ADMIN] = None
    del gcs.service.roles[KEEP]
    found = told(url)
    unknown = {one.name for one in found.named if one.may is None}
    assert unknown == {"serviceAccount:collector@p.iam.gserviceaccount.com", "group:ops@x.example", "projectOwner:p"}
    assert (
        f"what {ADMIN} gives could not be read: DENIED iam.roles.get (Get of {ADMIN} was refused: 403)" in found.untold
    )
    assert any(
        one.startswith(f"what {KEEP} gives could not be read: Get of {KEEP} was refused: 404") for one in found.untold
    )
    held.bindings = None
    gcs.service.project_policy = None
    found = told(url)
    assert found.named == ()
    for right, asked in (
        ("storage.buckets.getIamPolicy", f"gs://{held.name}/evidence"),
        ("resourcemanager.projects.getIamPolicy", f"project {PROJECT}"),
    ):
        assert f"could not be read: DENIED {right} (GetIamPolicy of {asked} was refused: 403)" in found.untold


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


BUCKET = {"kind": "storage#bucket", "name": "b", "projectNumber": PROJECT}
POLICED = {"etag": "x", "bindings": [{"role": VIEWER, "members": ["allUsers"]}]}


@pytest.mark.parametrize(
    ("part", "answer", "said"),
    [
        (
            "/b/b/iam",
            {},
            "GetIamPolicy of gs://b/x was answered by something else; it takes storage.buckets.getIamPolicy",
        ),
        ("/b/b/iam", "<html>", "GetIamPolicy of gs://b/x was answered by something else"),
        ("/b/b/iam", {"etag": "x", "bindings": [{}]}, "GetIamPolicy of gs://b/x was answered by something else"),
        (":getIamPolicy", {}, f"GetIamPolicy of project {PROJECT} was answered by something else"),
        ("/v1/roles/", {"includedPermissions": []}, f"Get of {VIEWER} was answered by something else"),
        ("/b/b\\?", 403, "could not be read: DENIED storage.buckets.get (Bucket metadata of gs://b/x was refused: 403"),
        ("/b/b\\?", {}, "Bucket metadata of gs://b/x was answered by something else"),
    ],
)
def test_an_answer_that_is_none_is_not_taken_for_nobody(wire: Wire, part: str, answer: Any, said: str) -> None:
    whole: dict[str, Any] = {
        "/b/b/iam": POLICED,
        ":getIamPolicy": POLICED,
        "/v1/roles/": {"name": VIEWER, "includedPermissions": ["storage.objects.get"]},
        "/b/b\\?": BUCKET,
    }
    for pattern, one in (whole | {part: answer}).items():
        status, body = (one, "{}") if isinstance(one, int) else (200, one if isinstance(one, str) else json.dumps(one))
        wire.always[pattern] = Answer(status, body)
    found = place_in(f"gs://b/x?endpoint={wire.endpoint}").principals()
    assert any(said in one for one in found.untold), found.untold


def test_a_server_of_ones_own_gets_no_token_for_googles_management() -> None:
    with pytest.raises(
        ArchiveError, match=r"does not know https://storage\.corp\.example; ask whoever runs that server"
    ):
        watching_credentials(GoogleBucket("b", "x/", "https://storage.corp.example"), ROLES)


def test_the_double_answers_as_google_describes(gcs: GcsDouble, bucket: tuple[str, Bucket]) -> None:
    url, held = bucket
    known = Discovery("storage.v1", "iam.v1")
    paths = {
        f"/storage/v1/b/{held.name}/iam": {"optionsRequestedPolicyVersion": ["3"]},
        f"/v1/{ADMIN}": {},
        f"/v1/{KEEP}": {},
    }
    for path, query in paths.items():
        assert known.wrong_request("GET", path, query) == []
        answer = httpx.get(f"{gcs.endpoint}{path}", params={name: one[0] for name, one in query.items()})
        assert known.wrong_answer("GET", path, answer.status_code, answer.json()) == []
    assert google_bucket_at(url).name == held.name
    methods = [known.method("GET", path) for path in paths]
    assert [
        bool(one and wanted in one.scopes) for one, wanted in zip(methods, (POLICY, ROLES, ROLES), strict=True)
    ] == [
        True,
        True,
        True,
    ]
