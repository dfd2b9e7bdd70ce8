/*
id = "LOG-08"
title = "Vulnerabilities are fixed inside their limit"
statement = "Each vulnerability is fixed, or accepted by approval, inside the time limit for its severity."
criteria = ["CC7.1", "CC7.4", "CC4.2"]
frequency = "per_event"
nature = "it_dependent_manual"
severity = "high"
deviation_unit = "one vulnerability past its limit"
evidence = [
  "github.dependabot.alerts", "github.code_scanning.alerts", "gcp.vuln.images", "gcp.vuln.hosts",
  "azure.defender.assessments", "aws.inspector.findings", "aws.inspector.coverage", "aws.securityhub.findings",
]
decisions = [
  "One that was fixed after its limit is a deviation, though it is fixed.",
  "One that was dismissed inside its limit passes when a person gave a reason; dismissed later, it is late all the same.",
  "One that is open and still inside its limit passes; the next collection judges it again.",
  "What is weak on a host or in an image that no scanner reports on is not known: such a one is an item that cannot be told. That it is not scanned is judged by LOG-07.",
]

[maps]
iso27001_2022 = ["A.8.8"]
hipaa = []
gdpr = ["Art. 32"]
eu_ai_act = ["Art. 15"]

[parameters.critical_days]
default = 7
unit = "days"
meaning = "How long a critical vulnerability may stay open."

[parameters.high_days]
default = 30
unit = "days"
meaning = "How long one of high severity may stay open."

[parameters.medium_days]
default = 90
unit = "days"
meaning = "How long one of medium severity may stay open."

[parameters.low_days]
default = 180
unit = "days"
meaning = "How long one of low severity may stay open."

[[unseen]]
part = "an exception that was approved before the limit covers it"
needs = ["records.exception_register"]
*/

WITH limited AS (
    SELECT
        *,
        CASE severity
            WHEN 'critical' THEN getvariable('critical_days')
            WHEN 'high' THEN getvariable('high_days')
            WHEN 'medium' THEN getvariable('medium_days')
            WHEN 'low' THEN getvariable('low_days')
        END AS days,
        first_seen_at + to_days(days) AS due,
        CASE status WHEN 'fixed' THEN fixed_at WHEN 'dismissed' THEN dismissed_at WHEN 'open' THEN collected_at END
            AS until
    FROM vulnerability
),

judged AS (
    SELECT
        provider,
        scope_unit,
        finding_id AS item,
        title,
        CASE
            WHEN status = 'dismissed' AND (dismissed_by IS NULL OR dismissed_reason IS NULL)
                THEN {outcome: 'deviation', because: concat(
                    'Dismissed without a ', CASE WHEN dismissed_by IS NULL THEN 'person' ELSE 'reason' END, '.')}
            WHEN days IS NULL
                THEN {outcome: 'cannot_tell', because: 'How severe it is, is not given.'}
            WHEN first_seen_at IS NULL
                THEN {outcome: 'cannot_tell', because: 'When it was first seen is not given.'}
            WHEN until IS NULL
                THEN {outcome: 'cannot_tell', because: 'Whether or when it was fixed is not given.'}
            WHEN until > due
                THEN {outcome: 'deviation', because: concat(
                    'Of severity ', severity, ', first seen ', strftime(first_seen_at, '%Y-%m-%d'), ', and ',
                    CASE status WHEN 'open' THEN 'still open ' ELSE concat(status, ' ') END,
                    strftime(until, '%Y-%m-%d'), ', more than ', days, ' days later.')}
            WHEN status = 'dismissed'
                THEN {outcome: 'pass', because: concat('Dismissed by ', dismissed_by, ': ', dismissed_reason, '.')}
            WHEN status = 'fixed'
                THEN {outcome: 'pass', because: concat('Fixed ', strftime(until, '%Y-%m-%d'), ', inside the limit.')}
            ELSE {outcome: 'pass', because: concat(
                'Open since ', strftime(first_seen_at, '%Y-%m-%d'), ', inside the limit of ', days, ' days.')}
        END AS verdict,
        row_id
    FROM limited
    UNION ALL
    SELECT
        provider,
        scope_unit,
        concat(kind, ' ', asset_id),
        NULL,
        {outcome: 'cannot_tell', because: 'No scanner reports on it: what is weak on it is not known.'},
        row_id
    FROM scanner
    WHERE kind IN ('host', 'image') AND state IS DISTINCT FROM 'enabled' AND state IS DISTINCT FROM 'not_applicable'
)

-- An id of the scanner's says nothing to people; what it found does.
SELECT
    provider,
    scope_unit,
    item,
    verdict.outcome AS outcome,
    concat(title || ': ', verdict.because) AS because,
    [row_id] AS rows
FROM judged;
