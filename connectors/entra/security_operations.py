"""The operations that read what Microsoft's security products say: risks, incidents, devices, training, retention.

All of them are in Graph v1.0.
"""

from __future__ import annotations

from connectors.entra.listing import listed

RISK_DETECTIONS = "GET /identityProtection/riskDetections"
INCIDENTS = "GET /security/incidents"
ALERTS = "GET /security/alerts_v2"
MANAGED_DEVICES = "GET /deviceManagement/managedDevices"
COMPLIANCE_POLICIES = "GET /deviceManagement/deviceCompliancePolicies"
TRAINING_COVERAGE = "GET /reports/security/getAttackSimulationTrainingUserCoverage"
SIMULATIONS = "GET /security/attackSimulation/simulations"
SUBJECT_REQUESTS = "GET /security/subjectRightsRequests"
RETENTION_LABELS = "GET /security/labels/retentionLabels"

_DEVICE = (
    "id,deviceName,userPrincipalName,managedDeviceOwnerType,operatingSystem,osVersion,isEncrypted,complianceState,"
    "lastSyncDateTime,enrolledDateTime"
)

SECURITY = (
    listed(RISK_DETECTIONS, "IdentityRiskEvent.Read.All", top=500),
    listed(INCIDENTS, "SecurityIncident.Read.All", top=50),
    listed(ALERTS, "SecurityAlert.Read.All", top=999),
    listed(MANAGED_DEVICES, "DeviceManagementManagedDevices.Read.All", select=_DEVICE),
    listed(COMPLIANCE_POLICIES, "DeviceManagementConfiguration.Read.All"),
    listed(TRAINING_COVERAGE, "AttackSimulation.Read.All", key="/attackSimulationUser/userId"),
    listed(SIMULATIONS, "AttackSimulation.Read.All"),
    listed(SUBJECT_REQUESTS, "SubjectRightsRequest.Read.All"),
    listed(RETENTION_LABELS, "RecordsManagement.Read.All"),
)
