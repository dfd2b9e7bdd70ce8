/*
id = "IAM-01"
title = "Every person uses more than a password"
statement = "Every active human account at the identity provider has a second factor enrolled."
criteria = ["CC6.1"]
frequency = "continuous"
nature = "automated"
severity = "critical"
deviation_unit = "one active human account without a factor"
evidence = ["aws.iam.credential_report", "aws.sso.assignments", "okta.users", "entra.users", "gws.users"]
decisions = [
  "Root accounts are judged by IAM-03, and accounts of services by IAM-10.",
  "A new account has the grace period to enrol; where the date it was made is not given, it cannot be told.",
  "An approved exception does not change the outcome: the deviation is shown, and the exception stands beside it.",
]

[maps]
iso27001_2022 = ["A.8.5", "A.5.17"]
hipaa = ["164.312(d)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.grace_hours]
default = 72
unit = "hours"
meaning = "How long a new account may go without a second factor."

[[unseen]]
part = "people who sign in through an identity provider that is not collected from"
needs = ["okta.factors", "entra.auth_methods"]
*/

-- Accounts of people, and those of which it is not known whose they are.
WITH human AS (
    SELECT *, coalesce(observed_at, collected_at) AS as_of
    FROM account
    WHERE kind = 'human' OR kind IS NULL
),

judged AS (
    SELECT
        *,
        CASE
            WHEN status IN ('disabled', 'suspended', 'deleted', 'invited')
                THEN {outcome: 'not_applicable', because: concat('The account is ', status, '.')}
            WHEN kind IS NULL
                THEN {outcome: 'cannot_tell', because: 'Whether a person uses this account is not given.'}
            WHEN status IS NULL OR status <> 'active'
                THEN {outcome: 'cannot_tell', because: 'Whether the account is active is not given.'}
            WHEN mfa_enrolled
                THEN {outcome: 'pass', because: 'A second factor is enrolled.'}
            WHEN mfa_enrolled IS NULL
                THEN {outcome: 'cannot_tell', because: 'Whether a second factor is enrolled is not given.'}
            WHEN created_at IS NULL
                THEN {outcome: 'cannot_tell', because: 'No second factor, and the age of the account is not given.'}
            WHEN as_of < created_at + to_hours(getvariable('grace_hours'))
                THEN {outcome: 'pass', because: concat(
                    'No second factor yet; made ', strftime(created_at, '%Y-%m-%d %H:%M'),
                    ', less than ', getvariable('grace_hours'), ' hours before.')}
            ELSE {outcome: 'deviation', because: concat(
                'No second factor on ', strftime(as_of, '%Y-%m-%d %H:%M'),
                '; the account was made ', strftime(created_at, '%Y-%m-%d'), '.')}
        END AS verdict
    FROM human
)

SELECT
    provider,
    scope_unit,
    account_id AS item,
    verdict.outcome AS outcome,
    concat(name || ': ', verdict.because) AS because,
    [row_id] AS rows
FROM judged;
