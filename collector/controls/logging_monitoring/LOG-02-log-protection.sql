/*
id = "LOG-02"
title = "Logs cannot be quietly changed"
statement = "Log stores have integrity checks, locked retention, limited access and are kept apart from those who are logged."
criteria = ["CC7.2", "CC6.1", "CC7.3"]
frequency = "continuous"
nature = "automated"
severity = "high"
deviation_unit = "one store below the rule, per day"
evidence = [
  "aws.cloudtrail.trails", "aws.s3.log_bucket_protection", "gcp.audit.config", "azure.diagnostics",
  "azure.storage.immutability", "aws.cloudtrail.disposals",
]
decisions = [
  "The stores judged are those that audit logs are written to; other logs' stores are listed by the evidence and not judged here.",
  "A lock that somebody with a permission can lift does not count as immutable.",
  "A store that a log names and that no collected scope owns cannot be told: nobody could look at it.",
  "An attempt to delete a log or its store is an item, whether it was let through or not. What explains it is not in this evidence, so it is listed and cannot be told.",
  "A log that is off writes nothing, so its integrity check is not judged; the store of what it wrote is.",
]

[maps]
iso27001_2022 = ["A.8.15", "A.5.33", "A.5.28"]
hipaa = ["164.312(b)", "164.312(c)(2)"]
gdpr = ["Art. 32"]
eu_ai_act = ["Art. 12"]

[[unseen]]
part = "nobody outside the log's own role can delete"
needs = ["agent.access"]

[[unseen]]
part = "attempts to delete a log or its store are explained"
needs = ["records.change_tickets"]

[[unseen]]
part = "attempts to delete a log or its store in Google Cloud and Azure are none or explained"
needs = []
*/

WITH source_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('log ', source) AS item,
        CASE
            WHEN enabled = false
                THEN {outcome: 'not_applicable', because: 'The log is off.'}
            WHEN integrity_check
                THEN {outcome: 'pass', because: 'Its integrity check is on.'}
            WHEN NOT integrity_check AND enabled
                THEN {outcome: 'deviation', because: 'Its integrity check is off.'}
            ELSE {outcome: 'cannot_tell', because: 'Whether it is on with an integrity check is not given.'}
        END AS verdict,
        [row_id] AS rows
    FROM log_source
    WHERE kind = 'admin_activity' OR kind IS NULL
),

store_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('store ', store) AS item,
        CASE
            WHEN kind IS NULL
                THEN {outcome: 'cannot_tell', because: 'Which logs it holds is not given.'}
            WHEN NOT versioned OR NOT immutable
                THEN {outcome: 'deviation', because: concat(
                    CASE versioned WHEN true THEN 'Versioned' WHEN false THEN 'Not versioned'
                        ELSE 'Versioning not given' END,
                    CASE immutable WHEN true THEN ', immutable.' WHEN false THEN ', not immutable.'
                        ELSE ', immutability not given.' END)}
            WHEN versioned AND immutable
                THEN {outcome: 'pass', because: 'Versioned and immutable.'}
            ELSE {outcome: 'cannot_tell', because: 'Whether it is versioned and immutable is not given.'}
        END AS verdict,
        [row_id] AS rows
    FROM log_store
    WHERE kind = 'audit_trail' OR kind IS NULL
),

-- A log may write to another unit's store. If that unit was not read either, nobody has seen the store.
missing_store AS (
    SELECT
        log_source.provider,
        log_source.scope_unit,
        concat('store ', destination) AS item,
        {
            outcome: 'cannot_tell',
            because: 'Logs are written to it, and no unit that was collected owns it.'
        } AS verdict,
        list(log_source.row_id ORDER BY log_source.row_id) AS rows
    FROM log_source
    ANTI JOIN log_store
        ON log_source.provider = log_store.provider AND log_source.destination = log_store.store
    WHERE log_source.destination IS NOT NULL
    GROUP BY log_source.provider, log_source.scope_unit, destination
),

-- A store that was deleted is in no list any more; the log that wrote to it may still name it.
audit_store AS (
    SELECT provider, store FROM log_store WHERE kind = 'audit_trail'
    UNION
    SELECT provider, destination FROM log_source WHERE kind = 'admin_activity'
),

deletion_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('deletion ', source_id) AS item,
        {
            outcome: 'cannot_tell',
            because: concat(
                coalesce(disposed_by, 'Somebody'), ': ', method, ' of ', disposal.item,
                strftime(disposed_at, ' on %Y-%m-%d %H:%M'),
                CASE outcome WHEN 'failure' THEN ', which was refused' WHEN 'success' THEN ', which was done' END,
                '. What explains it is not in this evidence.')
        } AS verdict,
        [row_id] AS rows
    FROM disposal
    WHERE
        kind = 'audit_trail'
        OR EXISTS (
            SELECT 1 FROM audit_store
            WHERE audit_store.provider = disposal.provider AND audit_store.store = disposal.item
        )
),

judged AS (
    SELECT * FROM source_judged
    UNION ALL SELECT * FROM store_judged
    UNION ALL SELECT * FROM missing_store
    UNION ALL SELECT * FROM deletion_judged
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows
FROM judged;
