/*
id = "INC-05"
title = "Threat alerts are looked at"
statement = "Threat and risk alerts from clouds and identity providers are triaged and closed with a disposition."
criteria = ["CC7.2", "CC7.3"]
frequency = "per_event"
nature = "it_dependent_manual"
severity = "high"
deviation_unit = "one alert past its limit"
evidence = [
  "aws.guardduty.findings", "aws.guardduty.coverage", "azure.defender.alerts", "entra.risk_detections", "entra.security_incidents", "gws.alerts", "okta.log.threat",
  "gcp.scc.findings",
]
decisions = [
  "An alert that is open past its limit is a deviation; one that is open and inside it passes, and the next collection judges it again.",
  "One that was closed after its limit is a deviation, though it is closed. Where a source does not tell when, that cannot be told.",
  "Where nothing looks for threats there is no alert to judge: that is shown, and LOG-06 judges it.",
  "Alerts of low severity are shown and not judged.",
]

[maps]
iso27001_2022 = ["A.8.16", "A.5.25"]
hipaa = ["164.308(a)(1)(ii)(D)", "164.308(a)(5)(ii)(C)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.high_days]
default = 1
unit = "days"
meaning = "How long an alert of high severity or above may stay without a disposition."

[parameters.med_days]
default = 7
unit = "days"
meaning = "How long one of medium severity may."

[[unseen]]
part = "no detector was archived or muted without a reason"
needs = []
*/

WITH limited AS (
    SELECT
        *,
        CASE
            WHEN lower(severity) IN ('critical', 'high') THEN getvariable('high_days')
            WHEN lower(severity) = 'medium' THEN getvariable('med_days')
        END AS days,
        opened_at + to_days(days) AS due
    FROM alert
),

judged AS (
    SELECT
        provider,
        scope_unit,
        concat('alert ', alert_id) AS item,
        CASE
            WHEN lower(severity) IN ('low', 'informational', 'none')
                THEN {outcome: 'not_applicable', because: concat('Of severity ', severity, '.')}
            WHEN days IS NULL OR opened_at IS NULL OR status IS NULL
                THEN {outcome: 'cannot_tell', because: 'Its severity, its time or its state is not given.'}
            WHEN status <> 'closed' AND collected_at > due
                THEN {outcome: 'deviation', because: concat(
                    'Raised ', strftime(opened_at, '%Y-%m-%d'), ', and still ', status, ' ',
                    strftime(collected_at, '%Y-%m-%d'), ', more than ', days, ' days later.')}
            WHEN status <> 'closed'
                THEN {outcome: 'pass', because: concat('Raised ', strftime(opened_at, '%Y-%m-%d'), ', inside the limit.')}
            WHEN disposition IS NULL
                THEN {outcome: 'cannot_tell', because: 'It is closed; with which result is not given.'}
            WHEN closed_at IS NULL
                THEN {outcome: 'cannot_tell', because: concat('Closed as ', disposition, '; when is not given.')}
            WHEN closed_at > due
                THEN {outcome: 'deviation', because: concat(
                    'Closed ', strftime(closed_at, '%Y-%m-%d'), ', more than ', days, ' days later.')}
            ELSE {outcome: 'pass', because: concat('Closed as ', disposition, ' inside the limit.')}
        END AS verdict,
        row_id
    FROM limited
    UNION ALL
    SELECT
        provider,
        scope_unit,
        concat('alerts of ', monitor),
        if(
            state IS NULL,
            {outcome: 'cannot_tell', because: 'Whether anything looks for threats there is not given.'},
            {outcome: 'not_applicable', because: concat('The detector is ', state, ': no new alert comes from there.')}
        ),
        row_id
    FROM monitor
    WHERE kind = 'threat_detection' AND state IS DISTINCT FROM 'enabled'
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, [row_id] AS rows
FROM judged;
