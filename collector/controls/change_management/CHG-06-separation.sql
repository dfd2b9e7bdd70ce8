/*
id = "CHG-06"
title = "Development and production are apart"
statement = "Production has its own accounts or projects, deploy rights are limited, and production deploys need approval or a protected pipeline."
criteria = ["CC8.1", "CC6.1", "CC6.3"]
frequency = "continuous"
nature = "automated"
severity = "medium"
deviation_unit = "one unit or environment below the rule"
evidence = ["github.environments", "gcp.org.projects", "azure.subscriptions"]
decisions = [
  "A production environment needs reviewers or a policy of branches; either is enough.",
  "Whether administrators may pass that by is told, and is no deviation by itself.",
  "A unit carries the environment that its own label or the configuration gives it. A unit that is to be deleted needs none.",
]

[maps]
iso27001_2022 = ["A.8.31", "A.8.33"]
hipaa = ["164.308(a)(4)(i)"]
gdpr = ["Art. 25", "Art. 32"]
eu_ai_act = []

[[unseen]]
part = "no unit mixes production with another environment"
needs = []

[[unseen]]
part = "standing write access of developers to production is none or justified"
needs = ["records.privileged_justification"]

[[unseen]]
part = "test stores that hold production data are none or approved"
needs = ["records.data_inventory"]
*/

SELECT
    provider,
    scope_unit,
    source_id AS item,
    CASE
        WHEN NOT production THEN 'not_applicable'
        WHEN len(reviewers) > 0 OR branches IN ('protected', 'custom') THEN 'pass'
        WHEN production IS NULL OR reviewers IS NULL OR branches IS NULL THEN 'cannot_tell'
        ELSE 'deviation'
    END AS outcome,
    CASE
        WHEN NOT production THEN 'Not an environment of production.'
        WHEN len(reviewers) > 0 OR branches IN ('protected', 'custom') THEN concat(
            CASE WHEN len(reviewers) > 0
                THEN concat('Deployments are approved by one of: ', array_to_string(reviewers, ', '), '. ') END,
            CASE branches WHEN 'protected' THEN 'Only protected branches may be deployed. '
                WHEN 'custom' THEN 'Only chosen branches may be deployed. ' END,
            CASE WHEN admins_bypass THEN 'Administrators may pass that by.' END)
        WHEN production IS NULL OR reviewers IS NULL OR branches IS NULL THEN 'Not all of its rules are given.'
        ELSE 'Anything may be deployed to it from any branch, and nobody must approve.'
    END AS because,
    [row_id] AS rows
FROM deploy_target

UNION ALL

-- A unit is known by one environment, so what is in it is judged as that.
SELECT
    provider,
    scope_unit,
    concat('unit ', unit_id) AS item,
    CASE
        WHEN status IS DISTINCT FROM 'active' AND status IS NOT NULL THEN 'not_applicable'
        WHEN status IS NULL THEN 'cannot_tell'
        WHEN environment IS NULL THEN 'deviation'
        ELSE 'pass'
    END AS outcome,
    CASE
        WHEN status IS DISTINCT FROM 'active' AND status IS NOT NULL THEN concat('Its state is ', status, '.')
        WHEN status IS NULL THEN 'Whether it is in use is not given.'
        WHEN environment IS NULL THEN 'It carries no environment.'
        ELSE concat('Its environment is ', environment, '.')
    END AS because,
    [row_id] AS rows
FROM scope_unit;
