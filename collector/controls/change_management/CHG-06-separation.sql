/*
id = "CHG-06"
title = "Development and production are apart"
statement = "Production has its own accounts or projects, deploy rights are limited, and production deploys need approval or a protected pipeline."
criteria = ["CC8.1", "CC6.1", "CC6.3"]
frequency = "continuous"
nature = "automated"
severity = "medium"
deviation_unit = "one unit or environment below the rule"
evidence = [
  "github.environments", "aws.org.accounts", "gcp.org.projects", "azure.subscriptions", "aws.resources.inventory",
  "gcp.asset.inventory", "azure.resources.inventory",
]
decisions = [
  "A production environment needs reviewers or a policy of branches; either is enough.",
  "Whether administrators may pass that by is told, and is no deviation by itself.",
  "A unit carries the environment that its own label or the configuration gives it. A unit that is to be deleted needs none.",
  "A unit mixes where a resource in it, or two of them, are marked as production and as something else. A resource without a mark of its own is what its unit is.",
  "Where a recorder of configurations is off, or leaves types out, resources that nobody ever marked may be missing. They are what their unit is, so that matters only where the unit says nothing.",
]

[maps]
iso27001_2022 = ["A.8.31", "A.8.33"]
hipaa = ["164.308(a)(4)(i)"]
gdpr = ["Art. 25", "Art. 32"]
eu_ai_act = []

[parameters.non_production]
default = ["dev", "development", "test", "testing", "staging", "sandbox", "qa"]
unit = "environment names"
meaning = "The environments that are not production."

[[unseen]]
part = "standing write access of developers to production is none or justified"
needs = ["records.privileged_justification"]

[[unseen]]
part = "test stores that hold production data are none or approved"
needs = ["records.data_inventory"]
*/

-- Where a list of resources rests on a recorder: what it does not record, nobody may have seen.
WITH unrecorded AS (
    SELECT provider, scope_unit, list(row_id ORDER BY row_id) AS rows
    FROM log_source
    WHERE kind = 'configuration_history' AND NOT coalesce(enabled AND events = ['*'], false)
    GROUP BY provider, scope_unit
),

-- Each resource with its unit: where an organisation is read as one, a resource's place is its unit; else its scope is.
placed AS (
    SELECT
        asset.provider,
        asset.scope_unit,
        unit.unit_id,
        unit.status,
        unit.environment,
        unit.row_id AS unit_row,
        asset.row_id,
        asset_id,
        asset.environment AS marked,
        list_contains(getvariable('non_production'), lower(unit.environment)) AS unit_other,
        list_contains(getvariable('non_production'), lower(asset.environment)) AS other,
        unrecorded.rows AS unrecorded
    FROM asset
    LEFT JOIN unrecorded ON asset.provider = unrecorded.provider AND asset.scope_unit = unrecorded.scope_unit
    INNER JOIN scope_unit AS unit
        ON asset.provider = unit.provider
        AND unit.unit_id IN (asset.place, asset.scope_unit)
),

inside AS (
    SELECT
        provider,
        scope_unit,
        unit_id,
        status,
        environment,
        count(*) AS resources,
        count(*) FILTER (marked IS NULL) AS unmarked,
        any_value(unrecorded) AS unrecorded,
        unit_other,
        count(*) FILTER (other) AS as_other,
        count(*) FILTER (NOT other) AS as_production,
        min(asset_id) FILTER (other) AS first_other,
        min(asset_id) FILTER (NOT other) AS first_production,
        -- Those that differ from their unit; where it says nothing, those that say something.
        list_prepend(
            unit_row, coalesce(list(row_id ORDER BY row_id) FILTER (other IS DISTINCT FROM unit_other AND other IS NOT NULL), [])
        ) AS rows
    FROM placed
    GROUP BY provider, scope_unit, unit_id, status, environment, unit_other, unit_row
)

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

-- What a unit is called.
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
FROM scope_unit

UNION ALL

-- And what is in it, judged where the resources were read.
SELECT
    provider,
    scope_unit,
    concat('what is in unit ', unit_id) AS item,
    CASE
        WHEN status IS DISTINCT FROM 'active' AND status IS NOT NULL THEN 'not_applicable'
        WHEN (as_production > 0 OR NOT unit_other) AND (as_other > 0 OR unit_other) THEN 'deviation'
        WHEN environment IS NULL AND (unmarked > 0 OR unrecorded IS NOT NULL) THEN 'cannot_tell'
        ELSE 'pass'
    END AS outcome,
    CASE
        WHEN status IS DISTINCT FROM 'active' AND status IS NOT NULL THEN concat('Its state is ', status, '.')
        WHEN (as_production > 0 OR NOT unit_other) AND (as_other > 0 OR unit_other)
            THEN concat(
                'It is ', coalesce(environment, 'without an environment'), '; of its ', resources, ' resources ',
                as_production, ' are marked as production', coalesce(', such as ' || first_production, ''), ', and ',
                as_other, ' as something else', coalesce(', such as ' || first_other, ''), '.')
        WHEN environment IS NULL AND unmarked > 0
            THEN concat(unmarked, ' of its ', resources, ' resources say nothing of an environment, and nor does it.')
        WHEN environment IS NULL AND unrecorded IS NOT NULL
            THEN 'It says nothing of an environment, and resources that nobody ever marked may be missing.'
        ELSE concat('None of its ', resources, ' resources is marked as something else.')
    END AS because,
    CASE WHEN environment IS NULL THEN list_concat(rows, coalesce(unrecorded, [])) ELSE rows END AS rows
FROM inside;
