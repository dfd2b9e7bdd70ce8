/*
id = "LOG-06"
title = "Threat detection covers everything"
statement = "Threat detection is on in every account and region, project, subscription and identity tenant in scope."
criteria = ["CC6.8", "CC7.1", "CC7.2"]
frequency = "continuous"
nature = "automated"
severity = "high"
deviation_unit = "one unit-day uncovered"
evidence = [
  "aws.guardduty.coverage", "aws.org.accounts", "okta.threat_config", "entra.risk_detections", "gws.alerts",
  "azure.defender.plans", "gcp.scc.findings", "gcp.scc.services", "gcp.org.projects",
]
decisions = [
  "A unit without a date of joining gets no time to be covered: it is not known to be new.",
  "Where no detector is listed but what detectors raised is, an alert shows one at work. A list without any cannot be told: there was nothing to find, or nobody looks.",
  "An alert shows a detector at work in one unit. Of an organisation that is read as one, each unit has its own item where detectors are listed; where they are not, whether each is looked into cannot be told.",
  "Each outcome is about the moment of one collection; the days between are judged over the period.",
]

[maps]
iso27001_2022 = ["A.8.16", "A.8.7"]
hipaa = ["164.308(a)(5)(ii)(B)", "164.308(a)(1)(ii)(D)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.hours]
default = 48
unit = "hours"
meaning = "How long a new unit may go without threat detection."
*/

WITH scope AS (
    SELECT provider, scope_unit, max(collected_at) AS collected_at
    FROM snapshot
    GROUP BY provider, scope_unit
),

-- The list of units is read in one scope and is about all.
joined AS (
    SELECT provider, unit_id AS scope_unit, max(joined_at) AS joined_at, list(row_id ORDER BY row_id) AS rows
    FROM scope_unit
    GROUP BY provider, unit_id
),

-- How many units in use there are in a scope that is read as one.
inside AS (
    SELECT provider, scope_unit, count(*) AS units
    FROM scope_unit
    WHERE status = 'active' OR status IS NULL
    GROUP BY provider, scope_unit
),

-- One row for each place; a scope that was read and shows no place at all keeps one, with nothing in it.
place AS (
    SELECT
        scope.provider,
        scope.scope_unit,
        coalesce(covers, 'the whole unit') AS place,
        count(monitor.row_id) AS detectors,
        count(*) FILTER (monitor.state = 'enabled' AND monitor.kind IS NOT NULL AND covers IS NOT NULL) AS enabled,
        -- A detector of which we do not know what it does, where, or whether it is on.
        count(monitor.row_id) FILTER (monitor.state IS NULL OR monitor.kind IS NULL OR covers IS NULL) AS unclear,
        string_agg(DISTINCT monitor.state, ', ' ORDER BY monitor.state) AS states,
        coalesce(joined.joined_at > scope.collected_at - to_hours(getvariable('hours')), false) AS is_new,
        joined.joined_at AS joined_at,
        coalesce(list(monitor.row_id ORDER BY monitor.row_id) FILTER (monitor.row_id IS NOT NULL), []) AS rows,
        coalesce(joined.rows, []) AS unit_rows
    FROM scope
    LEFT JOIN monitor
        ON scope.provider = monitor.provider
        AND scope.scope_unit = monitor.scope_unit
        AND (monitor.kind = 'threat_detection' OR monitor.kind IS NULL)
    -- A scope is a unit, or has units that detectors cover one by one.
    LEFT JOIN joined
        ON scope.provider = joined.provider AND joined.scope_unit IN (scope.scope_unit, monitor.covers)
    GROUP BY ALL
),

-- What detectors raised, where that is read and they themselves are not listed.
raised AS (
    SELECT snapshot.provider, snapshot.scope_unit, count(row_id) AS alerts, max(opened_at) AS newest,
        arg_max(row_id, opened_at) AS newest_row
    FROM snapshot
    LEFT JOIN alert USING (evidence_type, provider, scope_unit)
    WHERE window_from IS NOT NULL
    GROUP BY snapshot.provider, snapshot.scope_unit
),

judged AS (
    SELECT
        place.*,
        newest_row,
        CASE
            WHEN enabled > 0
                THEN {outcome: 'pass', because: 'Threat detection is on.'}
            WHEN unclear > 0
                THEN {outcome: 'cannot_tell', because: 'The state of threat detection is not given.'}
            WHEN detectors = 0 AND alerts > 0 AND units > 1
                THEN {outcome: 'cannot_tell', because: concat(
                    'A detector is at work: it raised ', alerts, ' alerts in the time that was read',
                    strftime(newest, ', the newest on %Y-%m-%d %H:%M'), '; whether it looks into each of the ', units,
                    ' units is not given.')}
            WHEN detectors = 0 AND alerts > 0
                THEN {outcome: 'pass', because: concat(
                    'A detector is at work: it raised ', alerts, ' alerts in the time that was read',
                    strftime(newest, ', the newest on %Y-%m-%d %H:%M'), '.')}
            WHEN detectors = 0 AND alerts = 0
                THEN {outcome: 'cannot_tell', because:
                    'The list of alerts was read whole and is empty; whether anything looks is not given.'}
            WHEN is_new
                THEN {outcome: 'not_applicable', because: concat(
                    'Not on yet; the unit joined ', strftime(joined_at, '%Y-%m-%d %H:%M'), ', less than ',
                    getvariable('hours'), ' hours before.')}
            WHEN detectors = 0
                THEN {outcome: 'deviation', because: 'All of it was read, and there is no threat detection.'}
            ELSE {outcome: 'deviation', because: concat('Threat detection is ', states, '.')}
        END AS verdict
    FROM place
    LEFT JOIN raised USING (provider, scope_unit)
    LEFT JOIN inside USING (provider, scope_unit)
)

SELECT
    provider,
    scope_unit,
    concat('threat detection in ', place) AS item,
    verdict.outcome AS outcome,
    verdict.because AS because,
    list_concat(rows, list_concat(unit_rows, list_filter([newest_row], lambda row: row IS NOT NULL))) AS rows
FROM judged;
