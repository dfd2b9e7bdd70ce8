/*
id = "LOG-05"
title = "Alerts are acknowledged in time"
statement = "Security and availability alerts that fired in the period were acknowledged inside their limit and closed with a result."
criteria = ["CC7.2", "CC7.3", "A1.1"]
frequency = "per_event"
nature = "it_dependent_manual"
severity = "high"
deviation_unit = "one alert past the limit, or one week without review"
evidence = ["aws.alerting.history", "azure.alerting.alerts", "gcp.alerting.alerts"]
decisions = [
  "Where a source tells only when an alert last changed, it was acknowledged by then: inside the limit that is enough. Later it cannot be told, since a later change may have come after.",
  "Where a source does not tell an alert that somebody took up from one that nobody did, that it is not closed is no deviation, and that it closed is no acknowledgement: neither can be told.",
  "Where a source gives an alert no severity, it may be a high one: that nobody is seen to have taken it up cannot be told to be right or wrong.",
  "One that nobody has acknowledged and that is still inside its limit passes; the next collection judges it again.",
]

[maps]
iso27001_2022 = ["A.8.16", "A.5.25"]
hipaa = ["164.308(a)(1)(ii)(D)"]
gdpr = ["Art. 32"]
eu_ai_act = ["Art. 72"]

[parameters.ack_minutes]
default = 60
unit = "minutes"
meaning = "How soon an alert of high severity or above must be acknowledged."

[parameters.high]
default = ["sev0", "sev1", "critical", "error", "high"]
unit = "severities, in the words of their sources and in lower case"
meaning = "The severities that count as high or above."

[parameters.low]
default = ["sev2", "sev3", "sev4", "medium", "moderate", "low", "warning", "verbose", "informational", "info", "none"]
unit = "severities, as above"
meaning = "The severities that count as less; of one that is on neither list it cannot be told."

[[unseen]]
part = "an alert that was not acknowledged in time maps to an incident, and the rest are reviewed every week"
needs = ["records.incident_register", "records.log_review"]
*/

WITH judged AS (
    SELECT
        provider,
        scope_unit,
        concat('alert ', alert_id) AS item,
        opened_at + to_minutes(getvariable('ack_minutes')) AS due,
        CASE
            WHEN list_contains(getvariable('low'), lower(severity))
                THEN {outcome: 'not_applicable', because: concat('Of severity ', severity, '.')}
            WHEN severity IS NULL OR opened_at IS NULL OR status IS NULL
                THEN {outcome: 'cannot_tell', because: 'Its severity, its time or its state is not given.'}
            WHEN NOT list_contains(getvariable('high'), lower(severity))
                THEN {outcome: 'cannot_tell', because: concat('How grave ', severity, ' is, is on neither list.')}
            WHEN acknowledged_at <= due OR (status IN ('acknowledged', 'closed') AND changed_at <= due)
                THEN {outcome: 'pass', because: 'Acknowledged inside the limit.'}
            WHEN acknowledged_at > due
                THEN {outcome: 'deviation', because: concat(
                    'Acknowledged ', strftime(acknowledged_at, '%Y-%m-%d %H:%M'), ', after ',
                    strftime(due, '%Y-%m-%d %H:%M'), '.')}
            WHEN status = 'open' AND collected_at > due
                THEN {outcome: 'deviation', because: concat(
                    'Raised ', strftime(opened_at, '%Y-%m-%d %H:%M'), ', and not acknowledged ',
                    strftime(collected_at, '%Y-%m-%d %H:%M'), '.')}
            WHEN status = 'open'
                THEN {outcome: 'pass', because: 'Not acknowledged yet, inside the limit.'}
            WHEN status = 'not_closed'
                THEN {outcome: 'cannot_tell', because: 'It is not closed; whether somebody took it up is not given.'}
            ELSE {outcome: 'cannot_tell', because: concat('It is ', status, '; when it was taken up is not given.')}
        END AS verdict,
        row_id
    FROM alert
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, [row_id] AS rows
FROM judged;
