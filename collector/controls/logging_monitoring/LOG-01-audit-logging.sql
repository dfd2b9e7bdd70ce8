/*
id = "LOG-01"
title = "Audit logging is on everywhere"
statement = "Administrative and security-relevant actions are logged in every account, project, subscription, organisation and identity tenant in scope."
criteria = ["CC7.2", "CC7.1", "CC4.1"]
frequency = "continuous"
nature = "automated"
severity = "critical"
deviation_unit = "one unit-day without logging"
evidence = [
  "aws.cloudtrail.trails", "okta.log_streams", "entra.directory_audits", "gws.audit.admin", "github.audit.membership",
  "gcp.audit.config", "azure.diagnostics", "aws.network.flow_logs", "gcp.network.flow_logs", "azure.network.flow_logs",
]
decisions = [
  "A log of the whole organisation covers each unit in which it is seen.",
  "Logs of single regions do not cover a unit, however many there are: the region that is switched on next is in none of them.",
  "A log that is switched off in a unit that another one covers is shown and not judged: the control asks for one that works.",
  "Where a provider keeps a log of its own that nobody can set, what it holds shows that it is kept. One that was read whole and holds nothing cannot be told: nobody acted, or nothing is logged.",
  "Whether each access to data is logged is shown for every unit whose source tells it, and judged where the company asks for it: the statement names actions of administrators.",
  "Who is left out of a log of access is not logged, wherever that was set.",
  "A network counts as production unless it is explicitly marked as something else: a forgotten mark must not take it out of the audit.",
  "One log of a network that works is enough, whatever part of the traffic it writes down. Logs of single machines are judged by themselves.",
  "Each outcome is about the moment of one collection; the days between are judged over the period.",
]

[maps]
iso27001_2022 = ["A.8.15"]
hipaa = ["164.312(b)"]
gdpr = ["Art. 32"]
eu_ai_act = ["Art. 12"]

[parameters.hours]
default = 24
unit = "hours"
meaning = "How old the last delivery of a log may be."

[parameters.data_access]
default = []
unit = "unit ids"
meaning = "The units in which each access to data must be logged; `*` is every unit."

[parameters.non_production]
default = ["dev", "development", "test", "testing", "staging", "sandbox", "qa"]
unit = "environment names"
meaning = "The environments that are not production."
*/

-- Every scope that was read, so that one without any log is seen to have none.
WITH scope AS (
    SELECT DISTINCT provider, scope_unit FROM snapshot
),

source AS (
    SELECT
        *,
        CASE
            WHEN enabled = false THEN 'off'
            WHEN all_regions = false THEN 'regional'
            WHEN delivered_at < collected_at - to_hours(getvariable('hours')) THEN 'late'
            WHEN enabled IS NULL OR all_regions IS NULL OR delivered_at IS NULL THEN 'unclear'
            ELSE 'works'
        END AS state
    FROM log_source
    WHERE kind = 'admin_activity' OR kind IS NULL
),

-- Logs that are read and not only listed.
own_log AS (
    SELECT snapshot.provider, snapshot.scope_unit, count(row_id) AS events, max(access_event.at) AS newest,
        arg_max(row_id, access_event.at) AS newest_row
    FROM snapshot
    LEFT JOIN access_event USING (evidence_type, provider, scope_unit)
    WHERE window_from IS NOT NULL
    GROUP BY snapshot.provider, snapshot.scope_unit
),

counted AS (
    SELECT
        scope.provider,
        scope.scope_unit,
        count(*) FILTER (state = 'works' AND kind IS NOT NULL) AS working,
        count(*) FILTER (state = 'unclear' OR (state = 'works' AND kind IS NULL)) AS unclear,
        string_agg(
            concat(
                source.source, ' (',
                CASE state
                    WHEN 'works' THEN strftime(delivered_at, 'delivered %Y-%m-%d %H:%M')
                    WHEN 'late' THEN strftime(delivered_at, 'last delivered %Y-%m-%d %H:%M')
                    WHEN 'regional' THEN concat('only in ', coalesce(place, 'one region'))
                    WHEN 'off' THEN 'off'
                    ELSE 'not all of its state is given'
                END, ')'
            ),
            ', ' ORDER BY source.source
        ) FILTER (row_id IS NOT NULL) AS told,
        coalesce(list(row_id ORDER BY row_id) FILTER (row_id IS NOT NULL), []) AS rows
    FROM scope
    LEFT JOIN source USING (provider, scope_unit)
    GROUP BY scope.provider, scope.scope_unit
),

unit_judged AS (
    SELECT
        provider,
        scope_unit,
        'audit log of the unit' AS item,
        CASE
            WHEN working > 0
                THEN {outcome: 'pass', because: concat('Logged everywhere in the unit: ', told, '.')}
            WHEN unclear > 0
                THEN {outcome: 'cannot_tell', because: concat('No log is known to work: ', told, '.')}
            WHEN told IS NULL AND events > 0
                THEN {outcome: 'pass', because: concat(
                    'Its own log holds ', events, ' events of the time that was read',
                    strftime(newest, ', the newest of %Y-%m-%d %H:%M'), '.')}
            WHEN told IS NULL AND events = 0
                THEN {outcome: 'cannot_tell', because:
                    'Its own log was read whole, and holds no event of that time.'}
            WHEN told IS NULL
                THEN {outcome: 'deviation', because: 'All of it was read, and there is no log of administrative actions.'}
            ELSE {outcome: 'deviation', because: concat('No log works everywhere in the unit: ', told, '.')}
        END AS verdict,
        list_concat(rows, list_filter([newest_row], lambda row: row IS NOT NULL)) AS rows
    FROM counted
    LEFT JOIN own_log USING (provider, scope_unit)
),

-- Where the unit is covered, what is switched off would otherwise not be seen at all.
off_judged AS (
    SELECT
        source.provider,
        source.scope_unit,
        concat('log ', source.source) AS item,
        {outcome: 'not_applicable', because: 'Switched off; another log covers the unit.'} AS verdict,
        [source.row_id] AS rows
    FROM source
    INNER JOIN counted USING (provider, scope_unit)
    WHERE source.state = 'off' AND counted.working > 0
),

-- Logs of who read or wrote what is kept, where a source tells what they leave out.
access AS (
    SELECT
        *,
        coalesce(within, scope_unit) AS unit,
        CASE
            WHEN enabled = false THEN 'none'
            WHEN events IS NULL THEN 'not known'
            ELSE array_to_string(events, ', ')
        END AS told
    FROM log_source
    WHERE kind = 'data_access'
),

access_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('access to data in ', unit) AS item,
        CASE
            WHEN NOT list_has_any(getvariable('data_access'), ['*', unit])
                THEN {outcome: 'not_applicable', because: concat(
                    'The company does not ask for it here. Access that is set to be logged: ', told, '.')}
            WHEN whole AND enabled
                THEN {outcome: 'pass', because: concat('Each access is logged: ', told, '.')}
            WHEN enabled = false
                THEN {outcome: 'deviation', because: 'No access is set to be logged.'}
            WHEN whole IS NULL OR enabled IS NULL
                THEN {outcome: 'cannot_tell', because: concat(
                    'Which access is logged is not all given; known: ', told, '.')}
            ELSE {outcome: 'deviation', because: concat('Not every access is logged, but: ', told, '.')}
        END AS verdict,
        [row_id] AS rows
    FROM access
),

flow AS (
    SELECT
        provider,
        scope_unit,
        coalesce(covers, source) AS network,
        bool_or(enabled) AS written,
        bool_or(enabled IS NULL) AS unclear,
        max(environment) FILTER (list_contains(getvariable('non_production'), lower(environment))) AS elsewhere,
        string_agg(source, ', ' ORDER BY source) AS told,
        list(row_id ORDER BY row_id) AS rows
    FROM log_source
    WHERE kind = 'network_flow'
    GROUP BY provider, scope_unit, network
),

flow_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('network flows of ', network) AS item,
        CASE
            WHEN elsewhere IS NOT NULL
                THEN {outcome: 'not_applicable', because: concat('Marked as ', elsewhere, '.')}
            WHEN written
                THEN {outcome: 'pass', because: concat('Written down: ', told, '.')}
            WHEN unclear
                THEN {outcome: 'cannot_tell', because: concat('Whether it is written down is not given: ', told, '.')}
            ELSE {outcome: 'deviation', because: concat('Not written down: ', told, '.')}
        END AS verdict,
        rows
    FROM flow
),

judged AS (
    SELECT * FROM unit_judged
    UNION ALL SELECT * FROM access_judged
    UNION ALL SELECT * FROM off_judged
    UNION ALL SELECT * FROM flow_judged
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows
FROM judged;
