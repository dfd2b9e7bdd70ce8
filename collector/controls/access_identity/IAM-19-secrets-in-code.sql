/*
id = "IAM-19"
title = "Secrets stay out of code"
statement = "Repositories are scanned for secrets, pushes with secrets are blocked, and leaks are revoked fast."
criteria = ["CC6.1", "CC6.8"]
frequency = "continuous"
nature = "automated"
severity = "high"
deviation_unit = "one secret open past the limit"
evidence = ["github.security_features", "github.secret_scanning.alerts"]
decisions = [
  "Every secret that is or was found is judged, however long ago: one that was left open for a year is no better for its age.",
  "A secret that was closed as one that will not be fixed, or that tests use, was not revoked: it is a deviation.",
  "A secret that is open and still inside its limit passes; the next collection judges it again.",
]

[maps]
iso27001_2022 = ["A.8.4", "A.5.17", "A.8.28"]
hipaa = []
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.hours]
default = 72
unit = "hours"
meaning = "How long a secret that was found may stay open."
*/

WITH scanner_judged AS (
    SELECT
        provider,
        scope_unit,
        concat(asset_id, CASE kind WHEN 'secrets' THEN ': scanning for secrets' ELSE ': blocking pushes with secrets' END)
            AS item,
        CASE
            WHEN state = 'enabled' THEN {outcome: 'pass', because: 'It is on.'}
            WHEN state = 'disabled' THEN {outcome: 'deviation', because: 'It is off.'}
            WHEN state = 'not_applicable' THEN {outcome: 'not_applicable', because: 'There is nothing to scan.'}
            ELSE {outcome: 'cannot_tell', because: 'Whether it is on is not given.'}
        END AS verdict,
        row_id
    FROM scanner
    WHERE kind IN ('secrets', 'secrets_push')
),

secret AS (
    SELECT
        *,
        first_seen_at + to_hours(getvariable('hours')) AS due
    FROM leaked_secret
),

secret_judged AS (
    SELECT
        provider,
        scope_unit,
        finding_id AS item,
        CASE
            WHEN resolution IN ('wont_fix', 'used_in_tests')
                THEN {outcome: 'deviation', because: concat('Closed as ', resolution, ', and not revoked.')}
            WHEN first_seen_at IS NULL
                THEN {outcome: 'cannot_tell', because: 'When it was found is not given.'}
            WHEN resolved_at > due
                THEN {outcome: 'deviation', because: concat(
                    'Found ', strftime(first_seen_at, '%Y-%m-%d %H:%M'), ' and closed ',
                    strftime(resolved_at, '%Y-%m-%d %H:%M'), ', more than ', getvariable('hours'), ' hours later.')}
            WHEN status = 'open' AND collected_at > due
                THEN {outcome: 'deviation', because: concat(
                    'Found ', strftime(first_seen_at, '%Y-%m-%d %H:%M'), ' and still open, more than ',
                    getvariable('hours'), ' hours later.')}
            WHEN status = 'open'
                THEN {outcome: 'pass', because: concat(
                    'Open since ', strftime(first_seen_at, '%Y-%m-%d %H:%M'), ', inside the limit.')}
            WHEN status = 'resolved' AND resolved_at IS NOT NULL AND resolution IN ('revoked', 'false_positive')
                THEN {outcome: 'pass', because: concat(
                    'Closed as ', resolution, ' ', strftime(resolved_at, '%Y-%m-%d %H:%M'), ', inside the limit.')}
            ELSE {outcome: 'cannot_tell', because: 'How or when it was closed is not given.'}
        END AS verdict,
        row_id
    FROM secret
),

bypass_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('push past the block: ', finding_id) AS item,
        CASE
            WHEN push_bypassed IS NULL
                THEN {outcome: 'cannot_tell', because: 'Whether it was pushed past the block is not given.'}
            WHEN push_bypass_reason IS NULL OR push_bypass_reviewed_by IS NULL
                THEN {outcome: 'deviation', because: concat(
                    'Pushed past the block by ', coalesce(push_bypassed_by, 'someone who is not named'), ', without a ',
                    CASE WHEN push_bypass_reason IS NULL THEN 'reason' ELSE 'reviewer' END, '.')}
            WHEN push_bypass_reviewed_by = push_bypassed_by
                THEN {outcome: 'deviation', because: concat('Pushed and reviewed by ', push_bypassed_by, '.')}
            ELSE {outcome: 'pass', because: concat('Reviewed by ', push_bypass_reviewed_by, '.')}
        END AS verdict,
        row_id
    FROM secret
    WHERE push_bypassed IS NULL OR push_bypassed
),

judged AS (
    SELECT * FROM scanner_judged
    UNION ALL SELECT * FROM secret_judged
    UNION ALL SELECT * FROM bypass_judged
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, [row_id] AS rows
FROM judged;
