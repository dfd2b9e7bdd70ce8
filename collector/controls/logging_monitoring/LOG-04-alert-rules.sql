/*
id = "LOG-04"
title = "Key events raise an alert that reaches a person on duty"
statement = "Rules exist for sign-in trouble, root use, policy, network, key and logging changes, and each rule notifies a live destination."
criteria = ["CC7.2", "CC7.3", "CC5.2"]
frequency = "continuous"
nature = "automated"
severity = "high"
deviation_unit = "one class without rule, one dead destination, per day, or one quarter without paging test"
evidence = ["azure.alerting.rules", "gcp.alerting.rules", "gcp.org.projects"]
decisions = [
  "The classes are those that the source's own events can raise; sign-ins are events of an identity provider.",
  "A rule that is off is shown and not judged: its class then needs another one.",
  "A rule that names no operation may wait for any: it leaves a class that has no other rule untold.",
  "Each unit that is in use needs a rule of its own for each class: a rule sees the events of its own unit. Where a unit has none, and another's rule may see its events, that cannot be told.",
  "A rule on a part of a unit, such as a group of resources, sees the events of that part only.",
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
part = "rules in AWS"
needs = ["aws.alerting.rules"]

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

covered AS (
    SELECT
        wanted.provider, wanted.scope_unit, wanted.unit_id, wanted.event_class, count(alert_rule.row_id) > 0 AS own
    FROM wanted
    LEFT JOIN alert_rule
        ON wanted.provider = alert_rule.provider
        AND wanted.scope_unit = alert_rule.scope_unit
        AND wanted.unit_id = alert_rule.covers
        AND wanted.event_class = alert_rule.event_class
        AND enabled AND destination_confirmed
    GROUP BY ALL
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
                        FILTER (enabled AND destination_confirmed AND alert_rule.event_class IS NOT NULL),
                    '.')}
            WHEN own_rule = units
                THEN {outcome: 'pass', because: concat('Raised by a rule in each of ', units, ' units.')}
            WHEN count(rule) FILTER (coalesce(enabled, true) AND coalesce(destination_confirmed, true)) = 0
                THEN {outcome: 'deviation', because: 'No rule that is on tells anybody of such an event.'}
            WHEN units = 1
                THEN {outcome: 'cannot_tell', because:
                    'There is a rule; whether it is on, tells anybody, waits for this and sees all of the unit is not given.'}
            ELSE {outcome: 'cannot_tell', because: concat(
                own_rule, ' of ', units, ' units have a rule of their own; whether a rule sees the events of the others, '
                'such as those of ', without, ', is not given.')}
        END AS verdict,
        coalesce(list(alert_rule.row_id ORDER BY alert_rule.row_id) FILTER (alert_rule.row_id IS NOT NULL), []) AS rows
    FROM told
    LEFT JOIN alert_rule
        ON told.provider = alert_rule.provider
        AND told.scope_unit = alert_rule.scope_unit
        AND (told.event_class = alert_rule.event_class OR alert_rule.event_class IS NULL)
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
