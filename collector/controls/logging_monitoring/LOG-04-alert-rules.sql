/*
id = "LOG-04"
title = "Key events raise an alert that reaches a person on duty"
statement = "Rules exist for sign-in trouble, root use, policy, network, key and logging changes, and each rule notifies a live destination."
criteria = ["CC7.2", "CC7.3", "CC5.2"]
frequency = "continuous"
nature = "automated"
severity = "high"
deviation_unit = "one class without rule, one dead destination, per day, or one quarter without paging test"
evidence = [
  "aws.alerting.rules", "aws.cloudtrail.trails", "azure.alerting.rules", "gcp.alerting.rules", "gcp.org.projects",
]
decisions = [
  "The classes are those that the source's own events can raise; sign-ins are events of an identity provider.",
  "A rule that is off is shown and not judged: its class then needs another one.",
  "A rule that names no operation may wait for any: it leaves a class that has no other rule untold.",
  "Each unit that is in use needs a rule of its own for each class: a rule sees the events of its own unit. Where a unit has none, and another's rule may see its events, that cannot be told.",
  "A rule on a part of a unit, such as a group of resources or one region, sees the events of that part only.",
  "A rule where the log of an organisation arrives sees the events of every unit in which that log is on, wherever it stands.",
  "A destination that nobody could look at leaves its rule, and a class with no other rule, untold.",
]

[maps]
iso27001_2022 = ["A.8.16", "A.8.15"]
hipaa = ["164.308(a)(5)(ii)(C)", "164.308(a)(1)(ii)(D)"]
gdpr = ["Art. 32"]
eu_ai_act = ["Art. 72"]

[parameters.classes]
default = ["identity", "policy", "network", "key", "logging"]
unit = "classes of events"
meaning = "The classes of events that must raise an alert in every unit."

[[unseen]]
part = "sign-in trouble raises an alert, each alert reaches who is on duty, and paging is tested in each quarter"
needs = ["records.oncall"]
*/

WITH scope AS (
    SELECT DISTINCT provider, scope_unit FROM snapshot
),

-- An organisation that is read as one has units inside; anything else is its own unit.
unit AS (
    SELECT scope.provider, scope.scope_unit, coalesce(unit_id, scope.scope_unit) AS unit_id
    FROM scope
    LEFT JOIN scope_unit
        ON scope.provider = scope_unit.provider
        AND scope.scope_unit = scope_unit.scope_unit
        AND (status = 'active' OR status IS NULL)
),

wanted AS (
    SELECT provider, scope_unit, unit_id, unnest(getvariable('classes')) AS event_class FROM unit
),

-- Where the unit's events also arrive, with those of others: rules that stand there see them.
stream AS (
    SELECT provider, scope_unit, stream, any_value(stream_unit) AS stream_unit, min(row_id) AS log_row
    FROM log_source
    WHERE covers = 'organisation' AND enabled AND stream IS NOT NULL
    GROUP BY provider, scope_unit, stream
),

-- Each rule as often as there are units whose events it may see: in its own, and where a stream that it watches is fed.
seeing AS (
    SELECT provider, scope_unit, covers AS unit_id, row_id, rule, event_class, enabled, destination_confirmed
    FROM alert_rule
    UNION ALL
    SELECT
        stream.provider, stream.scope_unit, stream.scope_unit, alert_rule.row_id, rule, event_class, enabled,
        destination_confirmed
    FROM stream
    INNER JOIN alert_rule USING (provider, stream)
    WHERE alert_rule.scope_unit <> stream.scope_unit
),

covered AS (
    SELECT
        wanted.provider, wanted.scope_unit, wanted.unit_id, wanted.event_class, count(seeing.row_id) > 0 AS own
    FROM wanted
    LEFT JOIN seeing
        ON wanted.provider = seeing.provider
        AND wanted.scope_unit = seeing.scope_unit
        AND wanted.unit_id = seeing.unit_id
        AND wanted.event_class = seeing.event_class
        AND enabled AND destination_confirmed
    GROUP BY ALL
),

-- A stream whose own unit was not read whole: nobody knows which rules stand there.
unread AS (
    SELECT provider, scope_unit, min(stream) AS stream
    FROM stream
    WHERE stream_unit <> scope_unit AND (provider, stream_unit) NOT IN (
        SELECT (snapshot.provider, snapshot.scope_unit)
        FROM snapshot
        INNER JOIN (SELECT provider, count(DISTINCT evidence_type) AS types FROM snapshot GROUP BY provider) AS all_types
            USING (provider)
        GROUP BY snapshot.provider, snapshot.scope_unit, types
        HAVING bool_and(complete) AND count(DISTINCT evidence_type) = types
    )
    GROUP BY provider, scope_unit
),

told AS (
    SELECT
        provider,
        scope_unit,
        event_class,
        count(*) AS units,
        count(*) FILTER (own) AS own_rule,
        min(unit_id) FILTER (NOT own) AS without
    FROM covered
    GROUP BY provider, scope_unit, event_class
),

class_judged AS (
    SELECT
        told.provider,
        told.scope_unit,
        concat('class ', told.event_class) AS item,
        CASE
            WHEN own_rule = units AND units = 1
                THEN {outcome: 'pass', because: concat(
                    'Raised by ',
                    string_agg(rule, ', ' ORDER BY rule)
                        FILTER (enabled AND destination_confirmed AND seeing.event_class IS NOT NULL),
                    '.')}
            WHEN own_rule = units
                THEN {outcome: 'pass', because: concat('Raised by a rule in each of ', units, ' units.')}
            WHEN count(rule) FILTER (coalesce(enabled, true) AND coalesce(destination_confirmed, true)) = 0
                AND any_value(unread.stream) IS NOT NULL
                THEN {outcome: 'cannot_tell', because: concat(
                    'No rule that was read tells anybody of such an event; its events also go to ',
                    any_value(unread.stream), ', and the rules of where that lies were not read whole.')}
            WHEN count(rule) FILTER (coalesce(enabled, true) AND coalesce(destination_confirmed, true)) = 0
                THEN {outcome: 'deviation', because: 'No rule that is on tells anybody of such an event.'}
            WHEN units = 1
                THEN {outcome: 'cannot_tell', because:
                    'There is a rule; whether it is on, tells anybody, waits for this and sees all of the unit is not given.'}
            ELSE {outcome: 'cannot_tell', because: concat(
                own_rule, ' of ', units, ' units have a rule of their own; whether a rule sees the events of the others, '
                'such as those of ', without, ', is not given.')}
        END AS verdict,
        list_sort(list_distinct(list_filter(
            list_concat(list(seeing.row_id), list(log_row)), lambda row: row IS NOT NULL
        ))) AS rows
    FROM told
    LEFT JOIN seeing
        ON told.provider = seeing.provider
        AND told.scope_unit = seeing.scope_unit
        AND (told.event_class = seeing.event_class OR seeing.event_class IS NULL)
    LEFT JOIN (SELECT provider, scope_unit, min(log_row) AS log_row FROM stream GROUP BY ALL) AS fed
        ON told.provider = fed.provider AND told.scope_unit = fed.scope_unit
    LEFT JOIN unread ON told.provider = unread.provider AND told.scope_unit = unread.scope_unit
    GROUP BY told.provider, told.scope_unit, told.event_class, units, own_rule, without
),

-- A rule has a row for each class that it waits for.
rule_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('rule ', coalesce(rule_id, rule)) AS item,
        CASE
            WHEN NOT bool_and(enabled)
                THEN {outcome: 'not_applicable', because: concat(min(rule), ' is off.')}
            WHEN NOT bool_and(destination_confirmed)
                THEN {outcome: 'deviation', because: concat(min(rule), ' tells nobody.')}
            WHEN count(*) FILTER (enabled IS NULL OR destination_confirmed IS NULL) = 0
                THEN {outcome: 'pass', because: concat(
                    min(rule), ' tells ', array_to_string(any_value(destinations), ', '), '.')}
            ELSE {outcome: 'cannot_tell', because: concat(
                'Whether ', min(rule), ' is on and tells anybody is not given.')}
        END AS verdict,
        list(row_id ORDER BY row_id) AS rows
    FROM alert_rule
    GROUP BY provider, scope_unit, coalesce(rule_id, rule)
),

judged AS (
    SELECT * FROM class_judged
    UNION ALL SELECT * FROM rule_judged
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows
FROM judged;
