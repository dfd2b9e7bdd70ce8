/*
id = "LOG-04"
title = "Key events raise an alert that reaches a person on duty"
statement = "Rules exist for sign-in trouble, root use, policy, network, key and logging changes, and each rule notifies a live destination."
criteria = ["CC7.2", "CC7.3", "CC5.2"]
frequency = "continuous"
nature = "automated"
severity = "high"
deviation_unit = "one class without rule, one dead destination, per day, or one quarter without paging test"
evidence = ["azure.alerting.rules", "gcp.alerting.rules"]
decisions = [
  "The classes are those that the source's own events can raise; sign-ins are events of an identity provider.",
  "A rule that is off is shown and not judged: its class then needs another one.",
  "A rule that names no operation may wait for any: it leaves a class that has no other rule untold.",
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

wanted AS (
    SELECT provider, scope_unit, unnest(getvariable('classes')) AS event_class FROM scope
),

class_judged AS (
    SELECT
        wanted.provider,
        wanted.scope_unit,
        concat('class ', wanted.event_class) AS item,
        CASE
            WHEN count(*) FILTER (enabled AND destination_confirmed AND alert_rule.event_class IS NOT NULL) > 0
                THEN {outcome: 'pass', because: concat(
                    'Raised by ',
                    string_agg(rule, ', ' ORDER BY rule)
                        FILTER (enabled AND destination_confirmed AND alert_rule.event_class IS NOT NULL),
                    '.')}
            WHEN count(rule) FILTER (
                coalesce(enabled, true) AND coalesce(destination_confirmed, true)) > 0
                THEN {outcome: 'cannot_tell', because:
                    'There is a rule; whether it is on, tells anybody and waits for this is not given.'}
            ELSE {outcome: 'deviation', because: 'No rule that is on tells anybody of such an event.'}
        END AS verdict,
        coalesce(list(alert_rule.row_id ORDER BY alert_rule.row_id) FILTER (alert_rule.row_id IS NOT NULL), []) AS rows
    FROM wanted
    LEFT JOIN alert_rule
        ON wanted.provider = alert_rule.provider
        AND wanted.scope_unit = alert_rule.scope_unit
        AND (wanted.event_class = alert_rule.event_class OR alert_rule.event_class IS NULL)
    GROUP BY wanted.provider, wanted.scope_unit, wanted.event_class
),

rule_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('rule ', rule) AS item,
        CASE
            WHEN NOT enabled
                THEN {outcome: 'not_applicable', because: 'The rule is off.'}
            WHEN NOT destination_confirmed
                THEN {outcome: 'deviation', because: 'It tells nobody.'}
            WHEN enabled AND destination_confirmed
                THEN {outcome: 'pass', because: concat('Tells ', array_to_string(destinations, ', '), '.')}
            ELSE {outcome: 'cannot_tell', because: 'Whether it is on and tells anybody is not given.'}
        END AS verdict,
        [row_id] AS rows
    FROM alert_rule
),

judged AS (
    SELECT * FROM class_judged
    UNION ALL SELECT * FROM rule_judged
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows
FROM judged;
