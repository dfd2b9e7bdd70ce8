/*
id = "BCP-01"
title = "Backups cover every production store"
statement = "Every production data store has a backup or point-in-time recovery plan that meets its recovery point."
criteria = ["A1.2", "CC7.5"]
frequency = "continuous"
nature = "automated"
severity = "critical"
deviation_unit = "one unprotected store, per day"
evidence = ["aws.backup.plans", "gcp.backup.plans", "gcp.sql.instances", "azure.backup.items"]
decisions = [
  "One way of backing a store up must be both often enough and kept long enough: two ways that each do half do not add up.",
  "Recovery to any point in time is often enough by its nature.",
  "A store counts as production unless it is explicitly marked as something else: a forgotten mark must not take it out of the audit.",
  "Stores that can be rebuilt are a parameter of this control: it is sealed with every outcome.",
]

[maps]
iso27001_2022 = ["A.8.13"]
hipaa = ["164.308(a)(7)(ii)(A)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.days]
default = 30
unit = "days"
meaning = "How long a backup is kept at least."

[parameters.recovery_point_hours]
default = 24
unit = "hours"
meaning = "The longest time between two backups of a store."

[parameters.rebuildable]
default = []
unit = "resource ids"
meaning = "The stores that the company can rebuild, and so needs no backup of."

[parameters.non_production]
default = ["dev", "development", "test", "testing", "staging", "sandbox", "qa"]
unit = "environment names"
meaning = "The environments that are not production."

[[unseen]]
part = "stores with a recovery point of their own, shorter than the company's, meet it"
needs = ["records.bcp"]
*/

-- One row for each way in which a store is backed up; a store that nothing backs up has one row without a source.
WITH way AS (
    SELECT
        *,
        coalesce(list_contains(getvariable('non_production'), lower(environment)), false) AS elsewhere,
        coalesce(pitr, false) OR frequency_hours <= getvariable('recovery_point_hours') AS often_enough,
        coalesce(keeps_forever, false) OR retention_days >= getvariable('days') AS long_enough,
        concat(
            source, ' (',
            CASE
                WHEN pitr THEN 'any point in time'
                WHEN frequency_hours IS NULL THEN 'how often is not given'
                ELSE concat('every ', frequency_hours, ' hours')
            END,
            CASE
                WHEN keeps_forever THEN ', kept for ever'
                WHEN retention_days IS NULL THEN ', how long it is kept is not given'
                ELSE concat(', kept ', retention_days, ' days')
            END, ')'
        ) AS told
    FROM backup_plan
),

store AS (
    SELECT
        provider,
        scope_unit,
        resource_id,
        bool_and(elsewhere) AS elsewhere,
        min(environment) AS environment,
        bool_or(source IS NOT NULL AND often_enough AND long_enough) AS protected,
        bool_or(source IS NOT NULL AND coalesce(often_enough, true) AND coalesce(long_enough, true)) AS perhaps,
        string_agg(told, ', ' ORDER BY told) FILTER (source IS NOT NULL) AS ways,
        list(row_id ORDER BY row_id) AS rows
    FROM way
    GROUP BY provider, scope_unit, resource_id
),

judged AS (
    SELECT
        *,
        CASE
            WHEN elsewhere
                THEN {outcome: 'not_applicable', because: concat('Marked as ', environment, '.')}
            WHEN list_contains(getvariable('rebuildable'), resource_id)
                THEN {outcome: 'not_applicable', because: 'On the list of stores that can be rebuilt.'}
            WHEN protected
                THEN {outcome: 'pass', because: concat('Backed up by ', ways, '.')}
            WHEN perhaps
                THEN {outcome: 'cannot_tell', because: concat('Backed up by ', ways, '.')}
            WHEN ways IS NULL
                THEN {outcome: 'deviation', because: 'Nothing backs it up.'}
            ELSE {outcome: 'deviation', because: concat(
                'Backed up by ', ways, '; at least every ', getvariable('recovery_point_hours'),
                ' hours, kept ', getvariable('days'), ' days, is required.')}
        END AS verdict
    FROM store
)

SELECT
    provider,
    scope_unit,
    resource_id AS item,
    verdict.outcome AS outcome,
    verdict.because AS because,
    rows
FROM judged;
