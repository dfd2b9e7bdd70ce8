/*
id = "IAM-01"
title = "Every person uses more than a password"
statement = "Every active human account at the identity provider has a second factor enrolled."
criteria = ["CC6.1"]
frequency = "continuous"
nature = "automated"
severity = "critical"
deviation_unit = "one active human account without a factor"
evidence = [
  "aws.iam.credential_report", "aws.sso.assignments", "okta.users", "okta.factors", "gws.users", "entra.auth_methods",
  "scim.users",
]
helps = ["gws.sso_apps", "entra.password_policy"]
decisions = [
  "Root accounts are judged by IAM-03, and accounts of services by IAM-10.",
  "A new account has the grace period to enrol; where the date it was made is not given, it cannot be told.",
  "A security question is a second thing to know and no second factor; nor is a factor that is not active yet.",
  "Guests are people too. An account that nobody has taken up yet cannot be signed in to.",
  "A person's account at a provider that says nothing of factors, as over SCIM, cannot be told: the provider may ask for one.",
  "Where another identity provider signs people in, it asks for the factor. Whether its accounts are among those collected no source says: those that are stand in the configuration, by the name that the evidence has.",
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

[parameters.collected]
default = []
unit = "issuers of identity providers, or what they sign people in to, as the evidence names them"
meaning = "The identity providers that are collected from: who signs in by them is judged there."

[[unseen]]
part = "people who sign in through an identity provider that is not collected from, where no source lists it"
needs = []
*/

-- Where factors are listed apart from accounts. An account for which nothing is listed, not even `none`, is not told.
WITH factor AS (
    SELECT
        provider,
        scope_unit,
        account_id,
        bool_or(status = 'active' AND factor NOT IN ('none', 'password', 'security_question')) AS active,
        bool_or(factor IS NULL OR (status IS NULL AND factor NOT IN ('none', 'password', 'security_question'))) AS unclear,
        CASE WHEN active THEN true WHEN NOT unclear THEN false END AS enrolled,
        list(row_id ORDER BY row_id) AS factors
    FROM authenticator
    GROUP BY provider, scope_unit, account_id
),

-- Accounts of people, and those of which it is not known whose they are.
human AS (
    SELECT
        account.* REPLACE (coalesce(mfa_enrolled, enrolled) AS mfa_enrolled),
        coalesce(observed_at, collected_at) AS as_of,
        coalesce(factors, []) AS factors
    FROM account
    LEFT JOIN factor USING (provider, scope_unit, account_id)
    WHERE kind IN ('human', 'guest') OR kind IS NULL
),

judged AS (
    SELECT
        *,
        CASE
            WHEN status IN ('disabled', 'suspended', 'deleted')
                THEN {outcome: 'not_applicable', because: concat('The account is ', status, '.')}
            WHEN status = 'invited'
                THEN {outcome: 'not_applicable', because: 'Nobody has taken the account up yet.'}
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
),

-- By whom people are signed in, where that is somebody else.
vouching AS (
    SELECT provider, scope_unit, app AS place, publisher AS issuer, 'true' AS federated, row_id
    FROM app_grant
    WHERE kind LIKE 'identity_provider%'
    UNION ALL
    SELECT provider, scope_unit, applies_to AS place, NULL AS issuer, value AS federated, row_id
    FROM setting
    WHERE name = 'sign_in.federated' AND value IS DISTINCT FROM 'false'
),

-- A list of them that is not whole may lack one.
unread AS (
    SELECT provider, scope_unit
    FROM snapshot
    WHERE NOT complete AND (evidence_type LIKE '%.sso_apps' OR evidence_type LIKE '%.password_policy')
),

vouching_judged AS (
    SELECT
        provider,
        scope_unit,
        'signed in by another provider: all there are' AS item,
        {outcome: 'cannot_tell', because: 'Not all was read that would list them.'} AS verdict,
        [] AS rows
    FROM unread
    UNION ALL
    SELECT
        provider,
        scope_unit,
        concat('signed in by another provider: ', place) AS item,
        CASE
            WHEN federated IS NULL
                THEN {outcome: 'cannot_tell', because: 'Whether another provider signs people in is not given.'}
            WHEN list_contains(getvariable('collected'), issuer) OR list_contains(getvariable('collected'), place)
                THEN {outcome: 'pass', because: concat(
                    coalesce(issuer, 'Another provider'), ' signs people in; its accounts are collected.')}
            ELSE {outcome: 'cannot_tell', because: concat(
                coalesce(issuer, 'Another provider'), ' signs people in; whether its accounts are collected is not given.')}
        END AS verdict,
        [row_id] AS rows
    FROM vouching
)

SELECT
    provider,
    scope_unit,
    account_id AS item,
    verdict.outcome AS outcome,
    concat(name || ': ', verdict.because) AS because,
    list_prepend(row_id, factors) AS rows
FROM judged

UNION ALL

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows
FROM vouching_judged;
