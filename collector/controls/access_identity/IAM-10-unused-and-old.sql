/*
id = "IAM-10"
title = "Unused accounts and old credentials go"
statement = "Accounts and credentials nobody uses are disabled; long-lived keys and tokens are avoided, owned and rotated; service accounts cannot be used by people."
criteria = ["CC6.1", "CC6.2", "CC6.3"]
frequency = "continuous"
nature = "automated"
severity = "high"
deviation_unit = "one stale account, or one over-age or ownerless credential"
evidence = [
  "aws.iam.credential_report", "aws.secrets.rotation", "okta.users", "okta.api_tokens", "entra.users", "entra.apps",
  "gws.users", "gcp.iam.service_accounts", "gcp.secrets.rotation", "azure.keyvault", "azure.storage.accounts",
]
helps = ["agent.identity_map", "hris.roster"]
decisions = [
  "Passwords are judged by the use of their account, not by their age: no rule here asks people to change a good password.",
  "Age counts from the last rotation, or from the day it was made where it was never rotated.",
  "A stored secret is as old as its newest version, and a storage account has its keys whether or not anybody uses them: one that is not to be used is switched off.",
  "An account or credential of which the source knows no use cannot be told once it is older than the limit: sources write nothing both for never used and for not known.",
  "An approved exception does not change the outcome: the deviation is shown, and the exception stands beside it.",
]

[maps]
iso27001_2022 = ["A.5.16", "A.5.17", "A.5.18", "A.8.2"]
hipaa = ["164.312(a)(2)(i)", "164.308(a)(5)(ii)(D)", "164.308(a)(3)(ii)(C)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.max_age]
default = 90
unit = "days"
meaning = "How old a long-lived credential may become before it is rotated."

[parameters.unused_days]
default = 90
unit = "days"
meaning = "How long an account or credential may go unused before it is disabled."

[[unseen]]
part = "every service account has an owner, where there is no map of identities to say so"
needs = ["hris.account_map"]

[[unseen]]
part = "recorded leave explains a person's silence"
needs = ["hris.moves"]
*/

WITH human AS (
    SELECT
        *,
        coalesce(observed_at, collected_at) AS as_of,
        as_of - to_days(getvariable('unused_days')) AS oldest
    FROM account
    WHERE kind IN ('human', 'guest') OR kind IS NULL
),

account_judged AS (
    SELECT
        provider,
        scope_unit,
        account_id AS item,
        CASE
            WHEN status IN ('disabled', 'suspended', 'deleted')
                THEN {outcome: 'not_applicable', because: concat('The account is ', status, '.')}
            WHEN status = 'invited'
                THEN {outcome: 'not_applicable', because: 'Nobody has taken the account up yet.'}
            WHEN kind IS NULL
                THEN {outcome: 'cannot_tell', because: 'Whether a person uses this account is not given.'}
            WHEN status IS NULL OR status <> 'active'
                THEN {outcome: 'cannot_tell', because: 'Whether the account is active is not given.'}
            WHEN last_login_at >= oldest
                THEN {outcome: 'pass', because: concat('Last used ', strftime(last_login_at, '%Y-%m-%d'), '.')}
            WHEN created_at >= oldest
                THEN {outcome: 'pass', because: concat(
                    'Made ', strftime(created_at, '%Y-%m-%d'), ', less than ', getvariable('unused_days'),
                    ' days before.')}
            WHEN last_login_at IS NULL
                THEN {outcome: 'cannot_tell', because: 'When the account was last used is not given.'}
            WHEN created_at IS NULL
                THEN {outcome: 'cannot_tell', because: concat(
                    'Last used ', strftime(last_login_at, '%Y-%m-%d'), ', and its age is not given.')}
            ELSE {outcome: 'deviation', because: concat(
                'Last used ', strftime(last_login_at, '%Y-%m-%d'), ', more than ', getvariable('unused_days'),
                ' days before ', strftime(as_of, '%Y-%m-%d'), ', and still active.')}
        END AS verdict,
        row_id
    FROM human
),

-- Keys, certificates and stored secrets.
dated AS (
    SELECT
        *,
        coalesce(observed_at, collected_at) AS as_of,
        coalesce(rotated_at, created_at) AS since,
        as_of - to_days(getvariable('max_age')) AS oldest,
        as_of - to_days(getvariable('unused_days')) AS quietest,
    FROM credential
    WHERE kind <> 'password' OR kind IS NULL
),

credential_judged AS (
    SELECT
        provider,
        scope_unit,
        credential_id AS item,
        CASE
            WHEN status = 'disabled'
                THEN {outcome: 'not_applicable', because: 'It is switched off.'}
            WHEN kind IS NULL
                THEN {outcome: 'cannot_tell', because: 'What kind of credential it is, is not given.'}
            WHEN status IS NULL OR status <> 'active'
                THEN {outcome: 'cannot_tell', because: 'Whether it is active is not given.'}
            WHEN expires_at <= as_of
                THEN {outcome: 'not_applicable', because: concat('It ran out ', strftime(expires_at, '%Y-%m-%d'), '.')}
            WHEN since < oldest
                THEN {outcome: 'deviation', because: concat(
                    'Last rotated or made ', strftime(since, '%Y-%m-%d'), ', more than ', getvariable('max_age'),
                    ' days before ', strftime(as_of, '%Y-%m-%d'), '.')}
            WHEN last_used_at < quietest AND since < quietest
                THEN {outcome: 'deviation', because: concat(
                    'Last used ', strftime(last_used_at, '%Y-%m-%d'), ', more than ', getvariable('unused_days'),
                    ' days before ', strftime(as_of, '%Y-%m-%d'), ', and still active.')}
            WHEN since IS NULL
                THEN {outcome: 'cannot_tell', because: 'When it was made or last rotated is not given.'}
            WHEN last_used_at IS NULL AND since < quietest
                THEN {outcome: 'cannot_tell', because: 'When it was last used is not given.'}
            ELSE {outcome: 'pass', because: concat(
                'Last rotated or made ', strftime(since, '%Y-%m-%d'),
                coalesce(', last used ' || strftime(last_used_at, '%Y-%m-%d'), ', not old enough to count as unused'),
                '.')}
        END AS verdict,
        row_id
    FROM dated
),

-- Of the map of identities, where there is one: who answers for what no person uses.
service_judged AS (
    SELECT
        identity_link.provider,
        identity_link.scope_unit,
        concat('service ', account_provider, ' ', account_unit, ' ', account_id) AS item,
        CASE
            WHEN NOT (
                SELECT bool_and(complete) FROM snapshot WHERE evidence_type IN ('agent.identity_map', 'hris.roster')
            )
                THEN {outcome: 'cannot_tell', because: 'The map of identities or the people list is not whole.'}
            WHEN person.row_id IS NULL
                THEN {outcome: 'deviation', because: 'Nobody of the people list answers for this service account.'}
            WHEN person.end_date <= identity_link.collected_at
                THEN {outcome: 'deviation', because: concat(
                    person_id, ' answers for this service account, and left by ',
                    strftime(person.end_date, '%Y-%m-%d'), '.')}
            ELSE {outcome: 'pass', because: concat(person_id, ' answers for this service account.')}
        END AS verdict,
        identity_link.row_id
    FROM identity_link
    LEFT JOIN person USING (person_id)
    WHERE state = 'service' AND account_kind IS DISTINCT FROM 'root' AND present AND status = 'active'
),

judged AS (
    SELECT * FROM account_judged
    UNION ALL SELECT * FROM credential_judged
    UNION ALL SELECT * FROM service_judged
)

SELECT
    provider,
    scope_unit,
    item,
    verdict.outcome AS outcome,
    verdict.because AS because,
    [row_id] AS rows
FROM judged;
