"""The manifests render, are valid Kubernetes, and run the collector as it is meant to be run."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from collector.config import read
from collector.registry import installed

FOLDER = Path(__file__).parents[1] / "deploy" / "kubernetes"
OVERLAYS = sorted(path.parent.name for path in FOLDER.glob("*/kustomization.yaml") if path.parent.name != "base")
VERSIONS = ("1.29", "1.33")


@pytest.fixture(scope="module")
def rendered() -> dict[str, list[dict[str, Any]]]:
    if not shutil.which("kubectl"):
        pytest.skip("needs kubectl, which renders the manifests")
    return {name: render(name) for name in OVERLAYS}


def render(name: str) -> list[dict[str, Any]]:
    ended = subprocess.run(  # noqa: S603 - a folder of ours
        ["kubectl", "kustomize", str(FOLDER / name)],  # noqa: S607 - wherever it is installed
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return list(yaml.safe_load_all(ended.stdout))


def pods(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for one in documents:
        if one["kind"] == "CronJob":
            found.append(one["spec"]["jobTemplate"]["spec"]["template"])
        elif one["kind"] == "Deployment":
            found.append(one["spec"]["template"])
    return found


def test_there_is_one_for_each_cloud_and_each_way_to_run_it() -> None:
    assert OVERLAYS == ["aks", "cronjob", "eks", "gke", "service"]


@pytest.mark.parametrize("name", OVERLAYS)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_document_is_valid(rendered: dict[str, list[dict[str, Any]]], name: str, version: str) -> None:
    for document in rendered[name]:
        kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("name", OVERLAYS)
def test_pods_are_as_restricted_as_the_namespace_demands(rendered: dict[str, list[dict[str, Any]]], name: str) -> None:
    (namespace,) = (one for one in rendered[name] if one["kind"] == "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    (pod,) = pods(rendered[name])
    spec = pod["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not spec["automountServiceAccountToken"]
    (container,) = spec["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_network_policy_and_the_claim_are_about_this_pod(
    rendered: dict[str, list[dict[str, Any]]], name: str
) -> None:
    (pod,) = pods(rendered[name])
    (policy,) = (one for one in rendered[name] if one["kind"] == "NetworkPolicy")
    chosen = policy["spec"]["podSelector"]["matchLabels"].items()
    assert chosen <= pod["metadata"]["labels"].items()
    (claim,) = (one for one in rendered[name] if one["kind"] == "PersistentVolumeClaim")
    claims = [
        one["persistentVolumeClaim"]["claimName"] for one in pod["spec"]["volumes"] if "persistentVolumeClaim" in one
    ]
    assert claims == [claim["metadata"]["name"]]


def test_an_identity_is_named_where_a_cloud_has_one(rendered: dict[str, list[dict[str, Any]]]) -> None:
    marks = {"eks": "eks.amazonaws.com/role-arn", "gke": "iam.gke.io/gcp-service-account"}
    marks["aks"] = "azure.workload.identity/client-id"
    for name, mark in marks.items():
        (account,) = (one for one in rendered[name] if one["kind"] == "ServiceAccount")
        assert account["metadata"]["annotations"].keys() == {mark}
    (pod,) = pods(rendered["aks"])
    assert pod["metadata"]["labels"]["azure.workload.identity/use"] == "true"


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_configuration_is_one_the_collector_takes_and_grace_is_long_enough(
    rendered: dict[str, list[dict[str, Any]]], name: str, tmp_path: Path
) -> None:
    (mounted,) = (one for one in rendered[name] if one["kind"] == "ConfigMap")
    file = tmp_path / "collector.toml"
    file.write_text(mounted["data"]["collector.toml"])
    config = read(file, installed())
    (pod,) = pods(rendered[name])
    assert pod["spec"]["terminationGracePeriodSeconds"] > config.serve.grace_seconds + 20
    assert str(config.archive.keys_path).startswith("/var/lib/collector/")
    assert config.serve.listen.endswith(":8321")
