/*
id = "IAM-02"
title = "Sign-on, session and password rules force it"
statement = "Policies, not habits, require the second factor, block old protocols, limit sessions and set password strength; admins need phishing-resistant factors."
criteria = ["CC6.1", "CC6.6"]
frequency = "continuous"
nature = "automated"
severity = "critical"
deviation_unit = "one policy gap, per day open"
evidence = [
  "aws.iam.account_summary", "okta.policies", "okta.factors", "okta.admin_roles", "gws.policies", "gws.users",
  "gws.admin_roles", "entra.password_policy", "entra.ca_policies", "entra.auth_methods", "entra.role_assignments",
  "entra.sign_ins",
]
decisions = [
  "A sign-in by a protocol that cannot ask for a second factor is a deviation once it succeeded: trying is no use of it.",
  "A password policy is required of every account, also of one where nobody has a password today: the next person who gets one would be under no rule. The provider's own minimum is not the company's policy.",
  "Where there are several password policies, the weakest of them counts.",
  "Each rule that lets somebody in is an item: whether it takes a second factor, and how long the session it opens may be idle. A rule of an app that nobody uses counts too. Where a source decides by all its rules together, what they come to for everybody is the item.",
  "Where everybody must sign in anew after some time, used or not, no session is idle for longer than that.",
  "Whom a rule leaves out is judged by IAM-03.",
  "Each person who holds a privileged right, also one that must first be activated, is an item: they need a factor that cannot be phished. Where the source says what is demanded of administrators, that is an item of its own.",
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

[parameters.idle_minutes]
default = 720
unit = "minutes"
meaning = "How long a session may be idle before it ends."
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

-- What each rule of sign-on demands, where the source has such rules.
demanded AS (
    SELECT
        provider,
        scope_unit,
        source_id AS item,
        try_cast(value AS BIGINT) AS minutes,
        CASE
            WHEN name = 'sign_on.second_factor' AND value = 'required'
                THEN {outcome: 'pass', because: 'A second factor is required.'}
            WHEN name = 'sign_on.second_factor' AND value = 'not_required'
                THEN {outcome: 'deviation', because: 'One factor is enough.'}
            WHEN name = 'sign_on.second_factor'
                THEN {outcome: 'cannot_tell', because: 'Whether a second factor is required is not given.'}
            WHEN name = 'sign_on.administrators_resistant' AND value = 'required'
                THEN {outcome: 'pass', because: 'A factor that cannot be phished is required.'}
            WHEN name = 'sign_on.administrators_resistant' AND value = 'not_required'
                THEN {outcome: 'deviation', because: 'No factor that cannot be phished is required.'}
            WHEN name = 'sign_on.administrators_resistant'
                THEN {outcome: 'cannot_tell', because:
                    'Whether a factor that cannot be phished is required is not given.'}
            WHEN minutes IS NULL
                THEN {outcome: 'cannot_tell', because: 'How long a session may be idle is not given.'}
            -- Zero is how providers write "for ever".
            WHEN minutes BETWEEN 1 AND getvariable('idle_minutes')
                THEN {outcome: 'pass', because: concat(
                    'A session ends after ', minutes, ' idle minutes; at most ', getvariable('idle_minutes'),
                    ' are allowed.')}
            ELSE {outcome: 'deviation', because: concat(
                'A session may be idle for ', if(minutes = 0, 'ever', concat(minutes, ' minutes')), '; at most ',
                getvariable('idle_minutes'), ' are allowed.')}
        END AS verdict,
        coalesce(applies_to, 'a rule without a name') AS rule,
        [row_id] AS rows
    FROM setting
    WHERE name IN ('sign_on.second_factor', 'session.idle_minutes', 'sign_on.administrators_resistant')
),

-- Privileged by what their account is, or by a grant; whichever source says so.
administrator AS (
    SELECT provider, scope_unit, account_id, list(DISTINCT row_id ORDER BY row_id) AS rows
    FROM (
        SELECT provider, scope_unit, account_id, row_id
        FROM account
        WHERE privileged AND status = 'active' AND coalesce(kind, 'human') IN ('human', 'guest')
        UNION ALL
        SELECT provider, scope_unit, principal_id AS account_id, row_id
        FROM access_grant
        WHERE privileged AND principal_kind = 'human'
    )
    GROUP BY provider, scope_unit, account_id
),

known AS (
    SELECT
        provider,
        scope_unit,
        account_id,
        min(coalesce(name, email)) AS name,
        min(kind) FILTER (kind <> 'human') AS kind,
        bool_and(status <> 'active') AS inactive,
        bool_or(mfa_enrolled) AS enrolled
    FROM account
    GROUP BY provider, scope_unit, account_id
),

carried AS (
    SELECT
        provider,
        scope_unit,
        account_id,
        coalesce(bool_or(status = 'active' AND phishing_resistant), false) AS resistant,
        coalesce(bool_or(status IS NULL OR (status = 'active' AND phishing_resistant IS NULL AND factor <> 'none')), false)
            AS unclear,
        list(row_id ORDER BY row_id) AS rows
    FROM authenticator
    GROUP BY provider, scope_unit, account_id
),

administrator_judged AS (
    SELECT
        administrator.provider,
        administrator.scope_unit,
        concat('administrator ', administrator.account_id) AS item,
        CASE
            WHEN inactive
                THEN {outcome: 'not_applicable', because: 'the account is not active.'}
            WHEN resistant
                THEN {outcome: 'pass', because: 'a factor that cannot be phished is enrolled.'}
            WHEN unclear
                THEN {outcome: 'cannot_tell', because: 'of some factor it is not given whether it can be phished.'}
            WHEN carried.account_id IS NOT NULL
                THEN {outcome: 'deviation', because: 'every factor that is enrolled can be phished.'}
            WHEN NOT enrolled
                THEN {outcome: 'deviation', because: 'no second factor is enrolled.'}
            ELSE {outcome: 'cannot_tell', because: 'which factors are enrolled is not given.'}
        END AS verdict,
        coalesce(known.name, administrator.account_id) AS who,
        list_concat(administrator.rows, coalesce(carried.rows, [])) AS rows
    FROM administrator
    LEFT JOIN known USING (provider, scope_unit, account_id)
    LEFT JOIN carried USING (provider, scope_unit, account_id)
    WHERE known.kind IS DISTINCT FROM 'service'
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
SELECT provider, scope_unit, item, verdict.outcome AS outcome, concat(rule, ': ', verdict.because) AS because, rows
FROM demanded
UNION ALL
SELECT provider, scope_unit, item, verdict.outcome AS outcome, concat(who, ': ', verdict.because) AS because, rows
FROM administrator_judged
UNION ALL
SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows
FROM legacy_judged;
