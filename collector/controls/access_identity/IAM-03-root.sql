/*
id = "IAM-03"
title = "Root, owner and break-glass accounts locked down and rarely used"
statement = "All-powerful accounts have hardware factors and no keys, are kept for emergencies, and each use is explained."
criteria = ["CC6.1", "CC6.3", "CC7.2"]
frequency = "per_event"
nature = "it_dependent_manual"
severity = "critical"
deviation_unit = "one unexplained use"
evidence = [
  "aws.iam.account_summary", "aws.iam.credential_report", "aws.cloudtrail.root_and_console", "entra.ca_policies",
  "entra.role_assignments", "entra.auth_methods", "gws.admin_roles", "gws.users", "gcp.iam.policies",
  "gcp.iam.service_accounts", "azure.rbac.assignments", "okta.admin_roles", "okta.users", "okta.factors",
  "okta.log.admin", "gws.audit.admin", "github.org.members",
]
decisions = [
  "Each use of root is an item of the population, and cannot be told: whether a ticket explains it is not in this evidence. Calling it a deviation would say that no ticket exists; calling it a pass would say that one does.",
  "A failed sign-in as root is listed, but is no use.",
  "What a person who holds the widest role did as an administrator is a use of it, where the source's log of that is read, and cannot be told for the same reason. Programs act all day: their uses are no items.",
  "Whom a rule on how to sign in leaves out is a break-glass account, whatever it is called: each is an item, and they are counted. Left out by a group is a deviation, since whoever comes into the group is left out too.",
  "A factor that is an app is a deviation: the statement asks for a hardware factor.",
  "A root without a factor passes only where it has no password and no key, so that nobody can sign in as root.",
  "Where rights are given by roles, nobody is root: all-powerful is who holds the widest role. Each holder is an item, and their number is one: few are for emergencies.",
  "A person's factor is hardware where it cannot be phished (a security key, a passkey): sources tell no more. Where the account is kept elsewhere, its factor cannot be told.",
  "A program that holds the widest role must have no key that somebody keeps. Its keys cannot be told where they are listed elsewhere.",
  "Who must first activate the role (`eligible`), or has it to an end, does not count as a permanent holder.",
  "The credential report is the second source: where it knows of a use of root inside the window that the events do not show, the list of uses is not whole, and that cannot be told.",
]

[maps]
iso27001_2022 = ["A.8.2", "A.5.17"]
hipaa = ["164.312(a)(2)(ii)", "164.312(d)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.max_excluded]
default = 2
unit = "accounts"
meaning = "How many accounts may be left out of the rules on how to sign in."

[parameters.max_holders]
default = 4
unit = "people and programs"
meaning = "How many may hold the widest role of one organisation, tenant or subscription for good."

[[unseen]]
part = "each use of a root or break-glass account has a ticket or incident within the company's limit"
needs = ["records.incident_register", "records.change_tickets"]

[[unseen]]
part = "what owners of an organisation of repositories did by that right"
needs = []
*/

-- Where rules on how to sign in are kept, nobody is root.
WITH tenant AS (
    SELECT provider, scope_unit, list(row_id ORDER BY row_id) AS rows
    FROM setting
    WHERE name = 'sign_on.second_factor'
    GROUP BY provider, scope_unit
),

excluded AS (
    SELECT
        provider,
        scope_unit,
        applies_to AS account_id,
        bool_or(value = 'by_group') AS by_group,
        bool_and(coalesce(value IN ('by_name', 'by_group'), false)) AS clear,
        list(row_id ORDER BY row_id) AS rows
    FROM setting
    WHERE name = 'sign_on.excluded'
    GROUP BY provider, scope_unit, applies_to
),

excluded_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('left out of sign-on rules: ', account_id) AS item,
        CASE
            WHEN by_group
                THEN {outcome: 'deviation', because: 'Left out by a group that it is in.'}
            WHEN NOT clear
                THEN {outcome: 'cannot_tell', because: 'By what it is left out is not given.'}
            ELSE {outcome: 'pass', because: 'Left out by name.'}
        END AS verdict,
        rows
    FROM excluded
),

number_judged AS (
    SELECT
        tenant.provider,
        tenant.scope_unit,
        'number of accounts left out of sign-on rules' AS item,
        {
            outcome: CASE
                WHEN count(excluded.account_id) > getvariable('max_excluded') THEN 'deviation' ELSE 'pass'
            END,
            because: concat(
                count(excluded.account_id), ' accounts are left out; at most ', getvariable('max_excluded'), ' may be.')
        } AS verdict,
        list_concat(any_value(tenant.rows), coalesce(flatten(list(excluded.rows) FILTER (excluded.rows IS NOT NULL)), []))
            AS rows
    FROM tenant
    LEFT JOIN excluded USING (provider, scope_unit)
    GROUP BY tenant.provider, tenant.scope_unit
),

-- One row for each scope, also for one that was read and gave no setting at all.
root AS (
    SELECT
        snapshot.provider,
        snapshot.scope_unit,
        min(value) FILTER (name = 'root_mfa_enabled') AS factor,
        min(value) FILTER (name = 'root_mfa_kind') AS factor_kind,
        min(value) FILTER (name = 'root_password_present') AS password,
        min(value) FILTER (name = 'root_access_keys_present') AS access_keys,
        coalesce(list(row_id ORDER BY name) FILTER (name LIKE 'root%'), []) AS rows
    FROM snapshot
    LEFT JOIN setting USING (evidence_type, provider, scope_unit)
    ANTI JOIN tenant ON snapshot.provider = tenant.provider AND snapshot.scope_unit = tenant.scope_unit
    ANTI JOIN access_grant
        ON snapshot.provider = access_grant.provider AND snapshot.scope_unit = access_grant.scope_unit
    GROUP BY snapshot.provider, snapshot.scope_unit
),

-- The keys of root that the credential report lists, to name them beside the setting.
root_key AS (
    SELECT credential.provider, credential.scope_unit, list(credential.row_id ORDER BY credential.row_id) AS rows
    FROM account
    INNER JOIN credential
        ON account.provider = credential.provider
        AND account.scope_unit = credential.scope_unit
        AND account.account_id = credential.principal_id
    WHERE account.kind = 'root' AND credential.kind = 'access_key' AND credential.status = 'active'
    GROUP BY credential.provider, credential.scope_unit
),

factor_judged AS (
    SELECT
        provider,
        scope_unit,
        'root: second factor' AS item,
        CASE
            WHEN factor = 'true' AND factor_kind = 'hardware'
                THEN {outcome: 'pass', because: 'Root has a hardware factor.'}
            WHEN factor = 'true' AND factor_kind = 'virtual'
                THEN {outcome: 'deviation', because: 'The factor of root is an app, not hardware.'}
            WHEN factor = 'true'
                THEN {outcome: 'cannot_tell', because: 'Root has a factor; of which kind is not given.'}
            WHEN factor = 'false' AND (password = 'true' OR access_keys = 'true')
                THEN {outcome: 'deviation', because: 'Root has no second factor, and can be used.'}
            WHEN factor = 'false' AND password = 'false' AND access_keys = 'false'
                THEN {outcome: 'pass', because: 'Root has no factor, and no password or key to be used with.'}
            WHEN factor = 'false'
                THEN {outcome: 'cannot_tell', because:
                    'Root has no second factor, and whether it has a password is not given.'}
            ELSE {outcome: 'cannot_tell', because: 'Whether root has a second factor is not given.'}
        END AS verdict,
        rows
    FROM root
),

keys_judged AS (
    SELECT
        provider,
        scope_unit,
        'root: access keys' AS item,
        CASE
            WHEN access_keys = 'false' THEN {outcome: 'pass', because: 'Root has no access key.'}
            WHEN access_keys = 'true' THEN {outcome: 'deviation', because: 'Root has an access key.'}
            ELSE {outcome: 'cannot_tell', because: 'Whether root has an access key is not given.'}
        END AS verdict,
        list_concat(root.rows, coalesce(root_key.rows, [])) AS rows
    FROM root
    LEFT JOIN root_key USING (provider, scope_unit)
),

-- Sign-ins of known people and services are in the same evidence, and are not this control's; a session of root
-- that somebody else took (AssumeRoot) is.
use_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('use of root ', event_id) AS item,
        CASE
            WHEN actor_kind IS NULL
                THEN {outcome: 'cannot_tell', because: concat('Whether this ', action, ' was by root is not given.')}
            WHEN outcome = 'failure'
                THEN {outcome: 'not_applicable', because: concat('A failed ', action, ' as root is no use of it.')}
            ELSE {outcome: 'cannot_tell', because: concat(
                'Root was used: ', action, strftime(access_event.at, ' on %Y-%m-%d %H:%M'),
                CASE mfa_used WHEN true THEN ' with a second factor' WHEN false THEN ' without a second factor' END,
                '; whether a ticket explains it is not collected.')}
        END AS verdict,
        [row_id] AS rows
    FROM access_event
    SEMI JOIN root ON access_event.provider = root.provider AND access_event.scope_unit = root.scope_unit
    WHERE actor_kind = 'root' OR actor_kind IS NULL OR action LIKE '%AssumeRoot'
),

-- Every use of root that the credential report knows of must be among the events of the window.
second_source AS (
    SELECT
        account.provider,
        account.scope_unit,
        'root: last use in both sources' AS item,
        CASE
            WHEN count(access_event.row_id) > 0
                THEN {outcome: 'pass', because: concat(
                    'The last use of root, ', strftime(min(account.last_login_at), '%Y-%m-%d %H:%M'),
                    ', is also among the events.')}
            ELSE {outcome: 'cannot_tell', because: concat(
                'The credential report shows a use of root on ',
                strftime(min(account.last_login_at), '%Y-%m-%d %H:%M'),
                ' that is not among the events: the list of uses is not whole.')}
        END AS verdict,
        list_concat(
            list(DISTINCT account.row_id),
            coalesce(list(access_event.row_id) FILTER (access_event.row_id IS NOT NULL), [])
        ) AS rows
    FROM account
    INNER JOIN snapshot
        ON account.provider = snapshot.provider
        AND account.scope_unit = snapshot.scope_unit
        AND account.last_login_at >= snapshot.window_from
        AND account.last_login_at < snapshot.window_to
    -- The two sources do not write down the same second.
    LEFT JOIN access_event
        ON account.provider = access_event.provider
        AND account.scope_unit = access_event.scope_unit
        AND access_event.actor_kind = 'root'
        AND abs(epoch(access_event.at) - epoch(account.last_login_at)) <= 3600
    WHERE account.kind = 'root'
    GROUP BY account.provider, account.scope_unit
),

-- Who holds the widest role, by all the ways together.
holding AS (
    SELECT
        provider,
        scope_unit,
        principal_id,
        min(principal_kind) AS kind,
        bool_or(widest) AS widest,
        bool_or(coalesce(widest, false) AND expires_at IS NULL AND coalesce(via NOT LIKE 'eligible%', true)) AS for_good,
        bool_or(widest IS NULL AND expires_at IS NULL AND coalesce(via NOT LIKE 'eligible%', true)) AS perhaps,
        string_agg(DISTINCT concat(coalesce(role, 'a role without a name'), ' on ', coalesce(resource, scope_unit)), ', ')
            AS roles,
        list(row_id ORDER BY row_id) AS rows
    FROM access_grant
    WHERE widest OR (widest IS NULL AND privileged IS DISTINCT FROM false)
    GROUP BY provider, scope_unit, principal_id
),

-- What is known of the account behind it: programs are granted to by their address, people by their id.
holder AS (
    SELECT
        holding.provider,
        holding.scope_unit,
        holding.principal_id,
        coalesce(min(holding.kind), min(account.kind)) AS kind,
        min(account.status) AS status,
        min(account.account_id) AS account_id,
        list_distinct(flatten([
            [lower(holding.principal_id)],
            coalesce(list(lower(account.name)) FILTER (account.name IS NOT NULL), []),
            coalesce(list(lower(account.email)) FILTER (account.email IS NOT NULL), [])
        ])) AS names,
        bool_or(account.mfa_enrolled) AS enrolled,
        coalesce(list(DISTINCT account.row_id) FILTER (account.row_id IS NOT NULL), []) AS rows
    FROM holding
    LEFT JOIN account
        ON holding.provider = account.provider
        AND holding.scope_unit = account.scope_unit
        AND holding.principal_id IN (account.account_id, account.name)
    GROUP BY holding.provider, holding.scope_unit, holding.principal_id
),

proof AS (
    SELECT
        holder.provider,
        holder.scope_unit,
        holder.principal_id,
        count(DISTINCT authenticator.row_id) AS factors,
        count(DISTINCT authenticator.row_id) FILTER (phishing_resistant AND authenticator.status = 'active') AS hardware,
        count(DISTINCT authenticator.row_id) FILTER (phishing_resistant IS NULL OR authenticator.status IS NULL) AS unclear,
        min(credential_id) FILTER (
            credential.kind <> 'password' AND credential.status = 'active'
            AND coalesce(credential.expires_at > credential.collected_at, true)) AS held_key,
        count(DISTINCT credential.row_id) FILTER (credential.kind IS NULL OR credential.status IS NULL) AS unclear_keys,
        list_concat(
            coalesce(list(DISTINCT authenticator.row_id) FILTER (authenticator.row_id IS NOT NULL), []),
            coalesce(list(DISTINCT credential.row_id) FILTER (credential.row_id IS NOT NULL), [])
        ) AS rows
    FROM holder
    LEFT JOIN authenticator
        ON holder.provider = authenticator.provider
        AND holder.scope_unit = authenticator.scope_unit
        AND holder.account_id = authenticator.account_id
    LEFT JOIN credential
        ON holder.provider = credential.provider
        AND holder.scope_unit = credential.scope_unit
        AND holder.account_id = credential.principal_id
    GROUP BY holder.provider, holder.scope_unit, holder.principal_id
),

holder_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('all-powerful: ', principal_id) AS item,
        CASE
            WHEN holder.status IN ('disabled', 'suspended', 'deleted')
                THEN {outcome: 'not_applicable', because: concat('Its account is ', holder.status, '.')}
            WHEN NOT coalesce(widest, false)
                THEN {outcome: 'cannot_tell', because: concat(roles, ': whether that makes all-powerful is not given.')}
            WHEN holder.kind = 'anyone'
                THEN {outcome: 'deviation', because: concat(roles, ': anyone is.')}
            WHEN holder.kind = 'service' AND held_key IS NOT NULL
                THEN {outcome: 'deviation', because: concat(roles, ': a program, by a key that somebody keeps: ', held_key)}
            WHEN holder.kind = 'service' AND account_id IS NOT NULL AND unclear_keys = 0
                THEN {outcome: 'pass', because: concat(roles, ': a program, and nobody keeps a key of it.')}
            WHEN holder.kind = 'service'
                THEN {outcome: 'cannot_tell', because: concat(roles, ': a program; whether it has a key is not given.')}
            WHEN holder.kind IS DISTINCT FROM 'human'
                THEN {outcome: 'cannot_tell', because: concat(
                    roles, ': which people or programs stand behind this ', coalesce(holder.kind, 'principal'),
                    ' is not given.')}
            WHEN hardware > 0
                THEN {outcome: 'pass', because: concat(roles, ': has a factor that cannot be phished.')}
            WHEN factors = 0 AND NOT enrolled
                THEN {outcome: 'deviation', because: concat(roles, ': has no second factor.')}
            WHEN factors = 0 OR unclear > 0
                THEN {outcome: 'cannot_tell', because: concat(roles, ': which factor the account has is not given.')}
            ELSE {outcome: 'deviation', because: concat(roles, ': has no factor that cannot be phished.')}
        END AS verdict,
        list_concat(holding.rows, list_concat(holder.rows, proof.rows)) AS rows
    FROM holding
    INNER JOIN holder USING (provider, scope_unit, principal_id)
    INNER JOIN proof USING (provider, scope_unit, principal_id)
),

-- Logs of what administrators do name them by what they sign in with.
power_used AS (
    SELECT
        access_event.provider,
        access_event.scope_unit,
        concat('use of the widest role ', event_id) AS item,
        CASE
            WHEN outcome = 'failure'
                THEN {outcome: 'not_applicable', because: concat('A failed ', action, ' is no use of it.')}
            ELSE {outcome: 'cannot_tell', because: concat(
                actor, ' used it: ', action, ' of ' || granted, strftime(access_event.at, ' on %Y-%m-%d %H:%M'),
                '; whether a ticket explains it is not collected.')}
        END AS verdict,
        [access_event.row_id, holding.rows[1]] AS rows
    FROM access_event
    INNER JOIN holder
        ON access_event.provider = holder.provider
        AND access_event.scope_unit = holder.scope_unit
        AND list_contains(holder.names, lower(access_event.actor))
    INNER JOIN holding
        ON holder.provider = holding.provider
        AND holder.scope_unit = holding.scope_unit
        AND holder.principal_id = holding.principal_id
    WHERE holding.widest AND holder.kind IS DISTINCT FROM 'service'
),

granting AS (
    SELECT provider, scope_unit, min(row_id) AS first_row FROM access_grant GROUP BY provider, scope_unit
),

holders_judged AS (
    SELECT
        granting.provider,
        granting.scope_unit,
        'number of permanent all-powerful accounts' AS item,
        {
            outcome: CASE
                WHEN count(principal_id) FILTER (for_good) > getvariable('max_holders') THEN 'deviation'
                -- A group may be of any number.
                WHEN count(principal_id) FILTER (
                    perhaps OR (for_good AND (holder.kind IS NULL OR holder.kind NOT IN ('human', 'service')))) > 0
                    THEN 'cannot_tell'
                ELSE 'pass'
            END,
            because: concat(
                count(principal_id) FILTER (for_good), ' hold the widest role for good; at most ',
                getvariable('max_holders'), ' may.')
        } AS verdict,
        coalesce(flatten(list(holding.rows) FILTER (holding.rows IS NOT NULL)), [any_value(first_row)]) AS rows
    FROM granting
    LEFT JOIN holding USING (provider, scope_unit)
    LEFT JOIN holder USING (provider, scope_unit, principal_id)
    GROUP BY granting.provider, granting.scope_unit
),

judged AS (
    SELECT * FROM factor_judged
    UNION ALL SELECT * FROM keys_judged
    UNION ALL SELECT * FROM use_judged
    UNION ALL SELECT * FROM power_used
    UNION ALL SELECT * FROM second_source
    UNION ALL SELECT * FROM excluded_judged
    UNION ALL SELECT * FROM number_judged
    UNION ALL SELECT * FROM holder_judged
    UNION ALL SELECT * FROM holders_judged
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows
FROM judged;
