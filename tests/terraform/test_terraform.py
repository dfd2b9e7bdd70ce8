"""The Terraform modules: each argument is one the provider knows, what must be given is, and all is least privilege.

Not shown here, since no provider can be downloaded: that `terraform plan` accepts the values.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from collector.archive import azure_lock, gcs_lock
from collector.archive.bucket_policy import denials, document, needed, watching
from collector.archive.places import Bucket
from tests.terraform.modules import DEPLOY, MODULES, Block, named, things, used

SCHEMA: dict[str, Any] = json.loads(Path(__file__).with_name("schema.json").read_text("utf-8"))
META = {"count", "for_each", "depends_on", "provider", "lifecycle", "dynamic"}
IDS = [f"{module.parent.name}-{module.name}" for module in MODULES]
each_module = pytest.mark.parametrize("module", MODULES, ids=IDS)


def wrong(block: Block, known: dict[str, Any], where: str) -> list[str]:
    """What a block says that the provider does not know, and what it leaves out that it must say."""
    said = {name for name in block if not name.startswith("__")}
    dynamic = {label.strip('"'): inner for one in block.get("dynamic", []) for label, inner in one.items()}
    found = [f"{where}: no argument {name}" for name in (said | dynamic.keys()) - known.keys() - META]
    given = said | dynamic.keys()
    found += [f"{where}: {name} is missing" for name, one in known.items() if one["required"] and name not in given]
    for name in said & known.keys():
        if inner := known[name].get("block"):
            blocks = block[name] if isinstance(block[name], list) else [block[name]]
            found += [line for one in blocks if isinstance(one, dict) for line in wrong(one, inner, f"{where}.{name}")]
    for name, one in dynamic.items():
        if inner := known.get(name, {}).get("block"):
            for content in one["content"]:
                found += wrong(content, inner, f"{where}.{name}")
    return found


def test_the_schema_is_about_what_is_used() -> None:
    assert SCHEMA.keys() == used(), "stale: see describe.py"


@each_module
def test_each_argument_is_known_and_none_is_missing(module: Path) -> None:
    assert [
        line for thing, name, block in things(module) for line in wrong(block, SCHEMA[thing], f"{thing} {name}")
    ] == []


def test_what_is_wrong_would_be_seen() -> None:
    known = SCHEMA["resource aws_efs_access_point"]
    assert wrong({"file_system": "x"}, known, "it") == ["it: no argument file_system", "it: file_system_id is missing"]
    half = {"file_system_id": "x", "posix_user": [{"uid": 1}]}
    assert wrong(half, known, "it") == ["it.posix_user: gid is missing"]


@each_module
def test_each_variable_and_output_is_explained_and_used(module: Path) -> None:
    text = "".join(file.read_text("utf-8") for file in module.glob("*.tf"))
    variables = named(module, "variable")
    for kind in ("variable", "output"):
        for name, block in named(module, kind).items():
            assert len(block.get("description", "")) > 10, f"{kind} {name}"
    assert set(re.findall(r"\bvar\.(\w+)", text)) == variables.keys()


@each_module
def test_what_is_referred_to_is_there(module: Path) -> None:
    text = "".join(file.read_text("utf-8") for file in module.glob("*.tf"))
    made = {(*thing.split(), name) for thing, name, _ in things(module)}
    for data, type_, name in re.findall(r"\b(data\.)?((?:aws|google|azurerm)_\w+)\.(\w+)\.", text):
        assert ("data" if data else "resource", type_, name) in made, f"{data}{type_}.{name}"
    for name in re.findall(r"\blocal\.(\w+)", text):
        assert re.search(rf"(?m)^  {name} +=", text), name


@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure"])
def test_the_example_gives_the_module_what_it_needs(cloud: str) -> None:
    for call in named(DEPLOY / cloud / "example", "module").values():
        variables = named((DEPLOY / cloud / "example" / call["source"].strip('"')).resolve(), "variable")
        given = {name for name in call if not name.startswith("__")} - {"source", "providers"}
        assert given <= variables.keys()
        assert {name for name, block in variables.items() if "default" not in block} <= given


def rendered(file: str, **values: str) -> dict[str, Any]:
    text = (DEPLOY / "aws" / "module" / file).read_text("utf-8")
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    assert "${" not in text
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_bucket_policy_is_what_the_collector_itself_demands_and_tls() -> None:
    bucket = Bucket("example-evidence", "archive/", None, None)
    policy = rendered("bucket-policy.json.tftpl", bucket=bucket.name, prefix=bucket.prefix, retain_days="730")
    *own, tls = policy["Statement"]
    assert document(own) == document(denials(bucket, 730))
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert (tls["Effect"], tls["Principal"]) == ("Deny", "*")


def test_the_collector_may_keep_its_archive_and_no_more() -> None:
    bucket = Bucket("example-evidence", "archive/", None, None)
    policy = rendered("keep-policy.json.tftpl", bucket=bucket.name, prefix=bucket.prefix, key="KEY")
    *own, key = policy["Statement"]
    assert document(own) == document([*needed(bucket), *watching(bucket)])
    assert (key["Action"], key["Resource"]) == (["kms:GenerateDataKey", "kms:Decrypt"], ["KEY"])
    assert not [action for one in policy["Statement"] for action in one["Action"] if "Delete" in action]


def test_what_the_collector_may_read_comes_from_its_own_permissions() -> None:
    policies = {
        name: block for thing, name, block in things(DEPLOY / "aws" / "module") if thing.endswith("_iam_policy")
    }
    assert policies["read"]["policy"] == '${file("${path.module}/../collector-policy.json")}'


def test_no_identity_of_the_collector_can_delete_evidence() -> None:
    made = {
        name: block["permissions"]
        for thing, name, block in things(DEPLOY / "gcp" / "module")
        if thing.endswith("project_iam_custom_role")
    }
    assert made.keys() == {"keep", "watch"}
    assert not [one for listed in made.values() for one in listed if re.search(r"delete|update|setIam", one)]
    roles = {
        name: block for thing, name, block in things(DEPLOY / "azure" / "module") if thing.endswith("role_definition")
    }
    (permissions,) = roles["keep"]["permissions"]
    allowed = [*permissions["actions"], *permissions["data_actions"]]
    assert not [
        one for one in allowed if re.search(r"delete|\*|immutabilityPolicies/(write|extend|lock)", one, re.IGNORECASE)
    ]


def test_every_evidence_store_is_locked() -> None:
    found = {
        (thing, name): block
        for cloud in ("aws", "gcp", "azure")
        for thing, name, block in things(DEPLOY / cloud / "module")
    }
    (rule,) = found["resource aws_s3_bucket_object_lock_configuration", "evidence"]["rule"]
    assert rule["default_retention"][0]["mode"] == '"COMPLIANCE"'
    assert found["resource google_storage_bucket", "evidence"]["retention_policy"]
    assert found["resource azurerm_storage_container_immutability_policy", "evidence"]["locked"] == "${var.lock}"


def test_who_touches_the_evidence_is_logged_and_what_tells_so_may_be_read() -> None:
    """What `collector agent` asks a place for: switched on here, and each right for asking granted."""
    found = {
        (thing.split()[1], name): block
        for cloud in ("aws", "gcp", "azure")
        for thing, name, block in things(DEPLOY / cloud / "module")
    }
    assert found["aws_s3_bucket_logging", "evidence"]["target_bucket"] == "${var.access_log_bucket}"
    audit = found["google_project_iam_audit_config", "evidence"]
    assert {one["log_type"].strip('"') for one in audit["audit_log_config"]} == {"DATA_READ", "DATA_WRITE"}
    for role in ("keep", "watch"):
        for right in found["google_project_iam_custom_role", role]["permissions"]:
            assert right.strip('"') in gcs_lock.NEEDED
    for right in ("storage.buckets.getIamPolicy", "resourcemanager.projects.getIamPolicy", "iam.roles.get"):
        granted = [found["google_project_iam_custom_role", role]["permissions"] for role in ("keep", "watch")]
        assert [f'"{right}"' in one for one in granted].count(True) == 1
    logged = found["azurerm_monitor_diagnostic_setting", "evidence"]["enabled_log"]
    assert {one["category"].strip('"') for one in logged} == {"StorageRead", "StorageWrite", "StorageDelete"}
    (keep,) = found["azurerm_role_definition", "keep"]["permissions"]
    asked = {
        "Microsoft.Insights/DiagnosticSettings/Read",
        "Microsoft.Storage/storageAccounts/read",
        "Microsoft.Authorization/roleAssignments/read",
        "Microsoft.Authorization/roleDefinitions/read",
        "Microsoft.Authorization/roleEligibilityScheduleInstances/read",
    }
    assert asked <= {one.strip('"') for one in keep["actions"]}
    assert all(one.removeprefix("Microsoft.Authorization/") in azure_lock.NEEDED for one in asked)
