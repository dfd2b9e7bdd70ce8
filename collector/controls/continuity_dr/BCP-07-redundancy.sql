/*
id = "BCP-07"
title = "No single point of failure"
statement = "Production services and stores run over more than one zone, scale with load and are guarded against accidental deletion."
criteria = ["A1.2", "A1.1"]
frequency = "continuous"
nature = "automated"
severity = "medium"
deviation_unit = "one critical component in one zone"
evidence = [
  "aws.encryption.at_rest", "gcp.sql.instances", "gcp.storage.buckets", "azure.sql.servers", "azure.storage.accounts",
  "aws.resilience", "aws.availability.monitors",
]
decisions = [
  "A store or a service counts as production unless it is explicitly marked as something else, and as critical unless the company rates it as less: a forgotten word must not take it out of the audit.",
  "Zones and protection from deletion are an item each: what is not told of the one hides nothing of the other.",
  "A copy in another region alone is no second zone: somebody must first switch to it.",
  "Protection from deletion is a setting of databases and tables; a file system or bucket that was deleted comes back from its backup, which BCP-01 judges.",
  "A service is a load balancer or a group of machines. A group goes on when what runs in it is spread over zones, for it starts in the others what is lost in one; where nothing runs, the zones in which it may start something count.",
  "A group of machines is asked whether it scales with its load, and no other service: the rest is scaled by its provider, or by settings that are not read. A group of a fixed size does not scale.",
  "What is part of a cluster, or a replica, is judged with its cluster or its primary. Disks and the servers that only hold databases are no stores of their own.",
]

[maps]
iso27001_2022 = ["A.8.14", "A.8.6"]
hipaa = ["164.308(a)(7)(i)"]
gdpr = ["Art. 32"]
eu_ai_act = ["Art. 15"]

[parameters.uncritical]
default = []
unit = "resource ids"
meaning = "The stores and services that the company rates as less than critical."

[parameters.non_production]
default = ["dev", "development", "test", "testing", "staging", "sandbox", "qa"]
unit = "environment names"
meaning = "The environments that are not production."

[[unseen]]
part = "services in Google Cloud and Azure run in at least two zones, and scale with their load"
needs = []
*/

WITH component AS (
    SELECT
        *,
        coalesce(type LIKE 'db%' OR type = 'table', false) AS can_be_protected,
        CASE
            WHEN list_contains(getvariable('non_production'), lower(environment))
                THEN concat('Marked as ', environment, '.')
            -- Some sources write the same id with other capitals elsewhere.
            WHEN list_contains(list_transform(getvariable('uncritical'), lambda id: lower(id)), lower(resource_id))
                THEN 'On the list of what is less than critical.'
            WHEN part_of IS NOT NULL
                THEN concat('Judged with ', part_of, ', which it is a part or a replica of.')
        END AS left_out
    FROM resource
    WHERE
        type IN ('bucket', 'file_system', 'storage_account', 'table', 'load_balancer', 'scaling_group')
        OR (type LIKE 'db%' AND type <> 'db_server')
        OR type IS NULL
),

zones_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('zones of ', resource_id) AS item,
        CASE
            WHEN left_out IS NOT NULL
                THEN {outcome: 'not_applicable', because: left_out}
            WHEN type IS NULL
                THEN {outcome: 'cannot_tell', because: 'What it is, is not given.'}
            WHEN multi_zone
                THEN {outcome: 'pass', because: concat(
                    'Goes on when one zone fails', nullif(concat(': ', array_to_string(zones, ', ')), ': '), '.')}
            WHEN NOT multi_zone
                THEN {outcome: 'deviation', because: concat(
                    'Runs in one zone alone', nullif(concat(': ', array_to_string(zones, ', ')), ': '), '.')}
            ELSE {outcome: 'cannot_tell', because: 'Whether it goes on when one zone fails is not given.'}
        END AS verdict,
        type,
        [row_id] AS rows
    FROM component
),

deletion_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('deletion of ', resource_id) AS item,
        CASE
            WHEN left_out IS NOT NULL
                THEN {outcome: 'not_applicable', because: left_out}
            WHEN deletion_protected
                THEN {outcome: 'pass', because: 'Protected from deletion.'}
            WHEN NOT deletion_protected
                THEN {outcome: 'deviation', because: 'Not protected from deletion.'}
            ELSE {outcome: 'cannot_tell', because: 'Whether it is protected from deletion is not given.'}
        END AS verdict,
        type,
        [row_id] AS rows
    FROM component
    WHERE can_be_protected
),

scaler AS (
    SELECT
        provider,
        scope_unit,
        covers,
        bool_or(state = 'enabled') AS scales,
        bool_or(state IS NULL) AS untold,
        bool_or(state = 'disabled') AS off,
        list(row_id ORDER BY row_id) AS rows
    FROM monitor
    WHERE kind = 'scaling'
    GROUP BY provider, scope_unit, covers
),

scaling_judged AS (
    SELECT
        component.provider,
        component.scope_unit,
        concat('scaling of ', resource_id) AS item,
        CASE
            WHEN left_out IS NOT NULL
                THEN {outcome: 'not_applicable', because: left_out}
            WHEN scales
                THEN {outcome: 'pass', because: 'Scales with its load.'}
            WHEN untold
                THEN {outcome: 'cannot_tell', because: 'Whether it scales with its load is not given.'}
            WHEN off
                THEN {outcome: 'deviation', because: 'Its size is fixed, or what would scale it is switched off.'}
            ELSE {outcome: 'deviation', because: 'Nothing scales it with its load.'}
        END AS verdict,
        type,
        list_concat([row_id], coalesce(scaler.rows, [])) AS rows
    FROM component
    LEFT JOIN scaler
        ON
            component.provider = scaler.provider
            AND component.scope_unit = scaler.scope_unit
            AND component.resource_id = scaler.covers
    WHERE type = 'scaling_group'
),

judged AS (
    SELECT * FROM zones_judged
    UNION ALL SELECT * FROM deletion_judged
    UNION ALL SELECT * FROM scaling_judged
)

SELECT
    provider,
    scope_unit,
    item,
    verdict.outcome AS outcome,
    concat(type || ': ', verdict.because) AS because,
    rows
FROM judged;
