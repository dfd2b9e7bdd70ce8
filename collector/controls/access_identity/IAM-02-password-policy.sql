/*
id = "IAM-02"
title = "Sign-on, session and password rules force it"
statement = "Policies, not habits, require the second factor, block old protocols, limit sessions and set password strength; admins need phishing-resistant factors."
criteria = ["CC6.1", "CC6.6"]
frequency = "continuous"
nature = "automated"
severity = "critical"
deviation_unit = "one policy gap, per day open"
evidence = ["aws.iam.account_summary", "entra.password_policy", "entra.sign_ins"]
decisions = [
  "A sign-in by a protocol that cannot ask for a second factor is a deviation once it succeeded: trying is no use of it.",
  "A password policy is required of every account, also of one where nobody has a password today: the next person who gets one would be under no rule. The provider's own minimum is not the company's policy.",
]

[maps]
iso27001_2022 = ["A.8.5", "A.5.17", "A.8.2"]
hipaa = ["164.312(d)", "164.308(a)(5)(ii)(D)", "164.312(a)(2)(iii)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.min_length]
default = 12
unit = "characters"
meaning = "The shortest password that the policy may allow."

[[unseen]]
part = "the sign-on policy of every app requires a second factor of all users but listed break-glass accounts"
needs = ["okta.policies", "gws.policies"]

[[unseen]]
part = "idle sessions end within the company's limit"
needs = ["okta.policies", "gws.policies"]

[[unseen]]
part = "roles of administrators require a phishing-resistant factor"
needs = ["okta.policies", "gws.policies"]
*/

-- One row for each scope: is there a policy, and how short a password does it allow?
WITH policy AS (
    SELECT
        provider,
        scope_unit,
        min(value) FILTER (name = 'password_policy') AS state,
        min(value) FILTER (name = 'password_policy.minimum_length') AS written,
        try_cast(written AS BIGINT) AS minimum_length,
        list(row_id ORDER BY name) AS rows
    FROM setting
    WHERE name IN ('password_policy', 'password_policy.minimum_length')
    GROUP BY provider, scope_unit
),

-- A scope that was read and has neither row must not drop out of the list.
scope AS (
    SELECT DISTINCT provider, scope_unit FROM snapshot
),

judged AS (
    SELECT
        scope.provider,
        scope.scope_unit,
        coalesce(policy.rows, []) AS rows,
        CASE
            WHEN state = 'absent'
                THEN {outcome: 'deviation', because: 'There is no password policy.'}
            WHEN state IS NULL OR state <> 'present'
                THEN {outcome: 'cannot_tell', because: 'Whether there is a password policy is not given.'}
            WHEN minimum_length IS NULL
                THEN {outcome: 'cannot_tell', because: 'The least length of a password is not given.'}
            WHEN minimum_length >= getvariable('min_length')
                THEN {outcome: 'pass', because: concat(
                    'Passwords have at least ', minimum_length, ' characters; ',
                    getvariable('min_length'), ' are required.')}
            ELSE {outcome: 'deviation', because: concat(
                'Passwords may be as short as ', minimum_length, ' characters; ',
                getvariable('min_length'), ' are required.')}
        END AS verdict
    FROM scope
    LEFT JOIN policy USING (provider, scope_unit)
),

legacy_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('sign-in ', event_id) AS item,
        [row_id] AS rows,
        CASE
            WHEN protocol IS NULL
                THEN {outcome: 'cannot_tell', because: 'Which protocol was used is not given.'}
            WHEN outcome = 'success'
                THEN {outcome: 'deviation', because: concat(
                    coalesce(actor, 'Somebody'), ' signed in by an old protocol',
                    strftime(access_event.at, ' on %Y-%m-%d %H:%M'), '.')}
            WHEN outcome = 'failure'
                THEN {outcome: 'not_applicable', because: concat(
                    coalesce(actor, 'Somebody'), ' tried an old protocol in vain.')}
            ELSE {outcome: 'cannot_tell', because: 'An old protocol; whether the sign-in succeeded is not given.'}
        END AS verdict
    FROM access_event
    WHERE action = 'sign_in' AND protocol IS DISTINCT FROM 'modern'
)

SELECT
    provider,
    scope_unit,
    'password policy' AS item,
    verdict.outcome AS outcome,
    verdict.because AS because,
    rows
FROM judged
UNION ALL
SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows
FROM legacy_judged;
