"""The connector and the double against Microsoft's own descriptions and examples of Resource Manager."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from collector.model import Cause, Window
from connectors.azure.api import API, OWN
from connectors.azure.group_members import GRAPH
from tests.connectors.azure.gathering import connector, gathered
from tests.doubles.arm import examples
from tests.doubles.arm.estate import built
from tests.doubles.arm.tenant import NOW, TOKEN, Tenant
from tests.doubles.rest import running_rest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.connectors.azure.gathering import Gathered

NEWER = {
    # Operations that the stored descriptions (of 2021) lack, and the page of Microsoft's reference that has them.
    "/roleEligibilityScheduleInstances": "rest/api/authorization/role-eligibility-schedule-instances/list-for-scope",
    "/roleAssignmentScheduleInstances": "rest/api/authorization/role-assignment-schedule-instances/list-for-scope",
    "/securityContacts": "rest/api/defenderforcloud/security-contacts/list",
    "/backupShortTermRetentionPolicies/default": "rest/api/sql/backup-short-term-retention-policies/get",
    "/vaults/{vault}/keys": "rest/api/keyvault/keyvault/keys/list",
    "/vaults/{vault}/keys/{key}": "rest/api/keyvault/keyvault/keys/get",
    "/vaults/{vault}/secrets": "rest/api/keyvault/keyvault/secrets/list",
    "/accounts/{account}/deployments": "rest/api/aiservices/accountmanagement/deployments/list",
    "/queryPipelineRuns": "rest/api/datafactory/pipeline-runs/query-by-factory",
    "/workflows/{workflow}/runs": "rest/api/logic/workflow-runs/list",
}
_FIELDS = (
    # Of these operations and of kinds that the examples lack, as Microsoft's reference has them.
    "retentionDays definition "
    "isEnabled notificationsByRole notificationsSources sourceType minimalSeverity emails roles "
    "originRoleAssignmentId endDateTime createdBy createdOn principalType idtyp rotationPolicy lifetimeActions "
    "trigger timeAfterCreate timeBeforeExpiry attributes runId pipelineName invokedBy runStart runEnd "
    "createdTime model Enabled Frequency targetResourceUri minimalTlsVersion clientCertEnabled httpsOnly "
    "minTlsVersion zoneRedundant allowBlobPublicAccess minimumTlsVersion applicationGateways policySettings "
    "mode dataDisks diskState managedDisk osDisk storageProfile enablePurgeProtection enableRbacAuthorization "
    "subnets contentType created updated exp allowSharedKeyAccess currentBackupStorageRedundancy redundancySettings "
    "standardTierStorageRedundancy crossRegionRestore securitySettings immutabilitySettings "
)
FIELDS = frozenset(_FIELDS.split())
OPERATIONS = sorted(OWN.union(*(API.reached(one.needs) for one in connector().types.values())))
NO_EXAMPLES = {"azure.jobs.runs", "azure.availability.monitors", "azure.web.tls"}
"""Types whose resources are in no example; the double and Microsoft's reference stand for them."""
ROUNDS = 3


@pytest.fixture(scope="module", autouse=True)
def _described() -> None:
    try:
        examples.operations()
    except examples.NoExamplesError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_request_is_one_that_is_described(name: str) -> None:
    operation = API.operation(name)
    if operation.base == GRAPH:
        return  # Graph's own descriptions judge these paths, in the tests of Entra
    if any(operation.path.endswith(end) for end in NEWER):
        return
    if (
        operation.path.startswith("/subscriptions/{subscription}/providers/Microsoft.")
        and operation.path.count("/") == 4
    ):
        path = "/subscriptions/{}/providers/{}"  # the state of one resource provider
    else:
        path = examples.shape(operation.path)
    found = examples.described().get((operation.method, path))
    assert found, path
    sent = {**operation.query, **(operation.parameters if operation.method == "GET" else {})}
    known = {one.lower() for each in found for one in each["query"]} | {"api-version"}
    assert {one.lower() for one in sent} <= known


@pytest.fixture(scope="module")
def answered(_described: None) -> tuple[list[examples.Examples], list[Sequence[Gathered]]]:
    asked: list[examples.Examples] = []
    found: list[Sequence[Gathered]] = []
    long = Window(datetime(2000, 1, 1, tzinfo=UTC), NOW)
    for number in range(ROUNDS):
        with running_rest() as server:
            given = examples.Examples(number)
            server.otherwise = given.answer
            server.token = TOKEN
            tenant = Tenant(server, built(1, NOW), NOW)
            types = sorted(connector().types)
            found.append([*gathered(tenant, *types, settings={"attempts": 1}, window=long)])
            asked.append(given)
    return asked, found


def test_every_example_becomes_records(
    answered: tuple[list[examples.Examples], list[Sequence[Gathered]]],
) -> None:
    rows: dict[str, int] = {}
    for found in answered[1]:
        for one in found:
            kind = one.snapshot.evidence_type
            assert Cause.DEFECT not in {gap.cause for gap in one.snapshot.gaps}, (kind, one.snapshot.gaps)
            rows[kind] = rows.get(kind, 0) + len(one.rows)
            cited = {request for row in one.rows for request, _, _ in row["origins"]}
            assert cited <= {each["request"] for each in one.exchanges if each["status"] == 200}
    assert {kind for kind, count in rows.items() if not count} == NO_EXAMPLES


def test_every_example_of_what_is_asked_was_given(
    answered: tuple[list[examples.Examples], list[Sequence[Gathered]]],
) -> None:
    given = set().union(*(one.answered for one in answered[0]))
    wanted = set()
    for name in OPERATIONS:
        operation = API.operation(name)
        shaped = (operation.method, examples.shape(operation.path))
        if any(one["examples"] for one in examples.described().get(shaped, [])) and operation.path not in {
            "/subscriptions",
            "/subscriptions/{subscription}/resources",
        }:
            wanted.add(shaped)
    assert {one for one in wanted if one not in given} == set()


def test_the_double_answers_with_fields_that_are_described() -> None:
    known = examples.fields() | FIELDS
    estate = built(3, NOW)
    tags = {"Environment", "environment", "Owner"}
    rows: list[Any] = [*estate.lists.values(), *estate.singles.values(), *estate.tables.values()]
    assert examples.names(rows) - known - tags == set()
