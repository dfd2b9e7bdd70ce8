/*
id = "BCP-03"
title = "Backups survive an attack or a region"
statement = "Backups are encrypted, copied to another region or account, and locked against deletion."
criteria = ["A1.2", "CC6.1", "CC7.5"]
frequency = "continuous"
nature = "automated"
severity = "medium"
deviation_unit = "one vault below the rule"
evidence = ["aws.backup.plans", "aws.backup.vaults", "gcp.backup.plans", "gcp.sql.instances", "azure.backup.items"]
decisions = [
  "A vault is locked when nobody, an administrator included, can take the lock away again. One that somebody can still lift does not count.",
  "A vault in which there is nothing is not judged: where no backup is, none can be deleted.",
  "A backup that a service keeps beside its store, without a vault, knows no lock: only vaults are judged for theirs, and every store for its copy elsewhere.",
  "A vault and a store count as production unless they are explicitly marked as something else, and a store as critical unless the company rates it as less: a forgotten word must not take it out of the audit.",
  "That there is a copy elsewhere and how old it is are an item each: what is not told of the one hides nothing of the other.",
  "A region or account that the same backup is written to anyway is no copy elsewhere; one in several regions at once is.",
]

[maps]
iso27001_2022 = ["A.8.13", "A.8.14"]
hipaa = ["164.308(a)(7)(ii)(A)", "164.312(a)(2)(iv)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.recovery_point_hours]
default = 24
unit = "hours"
meaning = "How old the newest copy elsewhere may be."

[parameters.uncritical]
default = []
unit = "resource ids"
meaning = "The stores that the company rates as less than critical."

[parameters.non_production]
default = ["dev", "development", "test", "testing", "staging", "sandbox", "qa"]
unit = "environment names"
meaning = "The environments that are not production."

[[unseen]]
part = "stores with a recovery point of their own, shorter than the company's, meet it"
needs = ["records.bcp"]

[[unseen]]
part = "buckets and containers to which people themselves copy backups are locked"
needs = []
*/

WITH vault_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('vault ', store) AS item,
        CASE
            WHEN list_contains(getvariable('non_production'), lower(environment))
                THEN {outcome: 'not_applicable', because: concat('Marked as ', environment, '.')}
            WHEN empty
                THEN {outcome: 'not_applicable', because: 'Nothing is in it.'}
            WHEN NOT encrypted
                THEN {outcome: 'deviation', because: 'Not encrypted.'}
            WHEN NOT locked
                THEN {outcome: 'deviation', because: 'What is in it can be deleted: it is not locked for good.'}
            WHEN encrypted AND locked
                THEN {outcome: 'pass', because: concat(
                    'Encrypted and locked', ', for ' || min_retention_days || ' days at least', '.')}
            ELSE {outcome: 'cannot_tell', because: concat(
                'Whether it is ', if(encrypted IS NULL, 'encrypted', ''),
                if(encrypted IS NULL AND locked IS NULL, ' and ', ''), if(locked IS NULL, 'locked', ''),
                ' is not given.')}
        END AS verdict,
        [row_id] AS rows
    FROM backup_store
),

-- One row for each way in which a store is backed up; a store that nothing backs up has one row without a source.
way AS (
    SELECT
        *,
        CASE
            WHEN list_contains(getvariable('non_production'), lower(environment))
                THEN concat('Marked as ', environment, '.')
            -- Some sources write the same id with other capitals elsewhere.
            WHEN list_contains(list_transform(getvariable('uncritical'), lambda id: lower(id)), lower(resource_id))
                THEN 'On the list of stores that are less than critical.'
        END AS left_out,
        coalesce(len(copied_to) > 0, false) AS copies,
        concat(array_to_string(copied_to, ' and '), ' (', source, ')') AS place,
        coalesce(source = 'unknown', false) OR (source IS NOT NULL AND copied_to IS NULL) AS untold,
        -- By its own schedule too seldom, however well it works.
        coalesce(frequency_hours > getvariable('recovery_point_hours'), false) AS too_seldom
    FROM backup_plan
),

-- A vault that a plan names and of which there is no row: nobody has seen it.
missing_vault AS (
    SELECT
        way.provider,
        way.scope_unit,
        concat('vault ', destination) AS item,
        {
            outcome: 'cannot_tell',
            because: 'Backups are written to it, and nothing that was read says how it is kept.'
        } AS verdict,
        list(way.row_id ORDER BY way.row_id) AS rows
    FROM way
    ANTI JOIN backup_store ON way.provider = backup_store.provider AND lower(way.destination) = lower(backup_store.store)
    WHERE way.source LIKE 'plan %' AND destination IS NOT NULL
    GROUP BY way.provider, way.scope_unit, destination
),

store AS (
    SELECT
        provider,
        scope_unit,
        resource_id,
        min(left_out) AS left_out,
        count(*) FILTER (copies) AS copying,
        count(*) FILTER (untold) AS untold,
        string_agg(DISTINCT source, ', ' ORDER BY source) AS ways,
        string_agg(DISTINCT place, ', ' ORDER BY place) FILTER (copies) AS places,
        max(copied_at) FILTER (copies) AS newest,
        count(*) FILTER (copies AND copied_at IS NULL AND NOT too_seldom) AS undated,
        max(collected_at) AS collected_at,
        list(row_id ORDER BY row_id) AS rows
    FROM way
    GROUP BY provider, scope_unit, resource_id
),

copy_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('copy of ', resource_id) AS item,
        CASE
            WHEN left_out IS NOT NULL
                THEN {outcome: 'not_applicable', because: left_out}
            WHEN copying > 0
                THEN {outcome: 'pass', because: concat('Copied to ', places, '.')}
            WHEN ways = 'unknown'
                THEN {outcome: 'cannot_tell', because: 'How it is backed up could not be looked at.'}
            WHEN untold > 0
                THEN {outcome: 'cannot_tell', because: concat(
                    'Backed up by ', ways, '; whether it is copied elsewhere is not given.')}
            WHEN ways IS NULL
                THEN {outcome: 'deviation', because: 'Nothing backs it up, so there is no copy anywhere.'}
            ELSE {outcome: 'deviation', because: concat('Backed up by ', ways, ', and copied nowhere else.')}
        END AS verdict,
        rows
    FROM store
),

age_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('age of the copy of ', resource_id) AS item,
        CASE
            WHEN newest >= collected_at - to_hours(getvariable('recovery_point_hours'))
                THEN {outcome: 'pass', because: concat(
                    'The newest copy elsewhere is of ', strftime(newest, '%Y-%m-%d %H:%M'), '.')}
            WHEN undated > 0
                THEN {outcome: 'cannot_tell', because: 'When the newest copy elsewhere was made is not given.'}
            WHEN newest IS NULL
                THEN {outcome: 'deviation', because: concat(
                    'A copy is made less often than every ', getvariable('recovery_point_hours'), ' hours.')}
            ELSE {outcome: 'deviation', because: concat(
                'The newest copy elsewhere is of ', strftime(newest, '%Y-%m-%d %H:%M'), ', more than ',
                getvariable('recovery_point_hours'), ' hours before.')}
        END AS verdict,
        rows
    FROM store
    WHERE copying > 0 AND left_out IS NULL
),

judged AS (
    SELECT * FROM vault_judged
    UNION ALL SELECT * FROM missing_vault
    UNION ALL SELECT * FROM copy_judged
    UNION ALL SELECT * FROM age_judged
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows
FROM judged;
