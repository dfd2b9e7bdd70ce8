/*
id = "IAM-12"
title = "Guests and outside collaborators are controlled"
statement = "Outsiders with access are invited by someone responsible, limited, and removed when not needed."
criteria = ["CC6.2", "CC6.3", "CC9.2"]
frequency = "quarterly"
nature = "it_dependent_manual"
severity = "medium"
deviation_unit = "one sponsorless or stale outsider"
evidence = [
  "github.outside_collaborators", "github.org.settings", "okta.users", "okta.admin_roles", "entra.guests",
  "entra.role_assignments", "gws.users", "gws.admin_roles",
]
decisions = [
  "Each outsider is judged three times: who answers for them, when they were last active, and what they may do. A source that does not tell one of these leaves that one open, and not the others.",
  "An outsider who administers anything is a deviation unless the configuration names them: their justification is then on record with it.",
  "An outsider with no grant at all where everyone's are listed holds no privileged role.",
  "Who may invite outsiders is judged where outsiders are invited, and not only made by administrators.",
  "An outsider whom the source has never seen active cannot be told until they are older than the limit.",
]

[maps]
iso27001_2022 = ["A.5.15", "A.5.18", "A.5.19"]
hipaa = ["164.308(b)(1)"]
gdpr = []
eu_ai_act = []

[parameters.days]
default = 90
unit = "days"
meaning = "How long an outsider may be idle."

[parameters.justified]
default = []
unit = "accounts, as the evidence names them"
meaning = "The outsiders who may hold a privileged role, each for a reason that is on record."

[[unseen]]
part = "every outsider has a vendor or a contract behind them, and their sponsor is an active person"
needs = ["records.vendor_register", "hris.roster"]
*/

WITH outsider AS (
    SELECT
        *,
        coalesce(observed_at, collected_at) AS as_of,
        as_of - to_days(getvariable('days')) AS oldest
    FROM account
    WHERE external
),

sponsor_judged AS (
    SELECT
        provider,
        scope_unit,
        concat(account_id, ': sponsor') AS item,
        CASE
            WHEN status IN ('disabled', 'suspended', 'deleted')
                THEN {outcome: 'not_applicable', because: concat('The account is ', status, '.')}
            WHEN sponsor IS NULL
                THEN {outcome: 'cannot_tell', because: 'Who answers for them is not given.'}
            ELSE {outcome: 'pass', because: concat('Invited by ', sponsor, '.')}
        END AS verdict,
        [row_id] AS rows
    FROM outsider
),

use_judged AS (
    SELECT
        provider,
        scope_unit,
        concat(account_id, ': use') AS item,
        CASE
            WHEN status IN ('disabled', 'suspended', 'deleted')
                THEN {outcome: 'not_applicable', because: concat('The account is ', status, '.')}
            WHEN last_login_at >= oldest
                THEN {outcome: 'pass', because: concat('Last active ', strftime(last_login_at, '%Y-%m-%d'), '.')}
            WHEN created_at >= oldest
                THEN {outcome: 'pass', because: concat(
                    'Let in ', strftime(created_at, '%Y-%m-%d'), ', less than ', getvariable('days'), ' days before.')}
            WHEN last_login_at IS NULL
                THEN {outcome: 'cannot_tell', because: 'When they were last active is not given.'}
            ELSE {outcome: 'deviation', because: concat(
                'Last active ', strftime(last_login_at, '%Y-%m-%d'), ', more than ', getvariable('days'),
                ' days before ', strftime(as_of, '%Y-%m-%d'), ', and still let in.')}
        END AS verdict,
        [row_id] AS rows
    FROM outsider
),

held AS (
    SELECT
        outsider.provider,
        outsider.scope_unit,
        outsider.account_id,
        outsider.status,
        outsider.privileged AS by_account,
        count(access_grant.row_id) AS grants,
        any_value(listed.provider) IS NOT NULL AS listed,
        string_agg(
            concat(access_grant.role, ' of ', coalesce(access_grant.resource, 'everything')), ', '
            ORDER BY access_grant.resource, access_grant.role
        ) FILTER (access_grant.privileged) AS privileges,
        coalesce(bool_or(access_grant.row_id IS NOT NULL AND access_grant.privileged IS NULL), false) AS unclear,
        outsider.row_id,
        coalesce(
            list(access_grant.row_id ORDER BY access_grant.row_id) FILTER (access_grant.row_id IS NOT NULL), []
        ) AS grant_rows
    FROM outsider
    LEFT JOIN access_grant
        ON outsider.provider = access_grant.provider AND outsider.scope_unit = access_grant.scope_unit
        AND outsider.account_id = access_grant.principal_id
    LEFT JOIN (SELECT DISTINCT provider, scope_unit FROM access_grant) AS listed
        ON outsider.provider = listed.provider AND outsider.scope_unit = listed.scope_unit
    GROUP BY ALL
),

rights_judged AS (
    SELECT
        provider,
        scope_unit,
        concat(account_id, ': rights') AS item,
        CASE
            WHEN status IN ('disabled', 'suspended', 'deleted')
                THEN {outcome: 'not_applicable', because: concat('The account is ', status, '.')}
            WHEN (by_account OR privileges IS NOT NULL) AND list_contains(getvariable('justified'), account_id)
                THEN {outcome: 'pass', because: concat(
                    'Privileged, as the configuration allows: ', coalesce(privileges, 'by the account itself'), '.')}
            WHEN by_account OR privileges IS NOT NULL
                THEN {outcome: 'deviation', because: concat(
                    'An outsider with privileges: ', coalesce(privileges, 'by the account itself'), '.')}
            WHEN unclear OR (by_account IS NULL AND grants = 0 AND NOT listed)
                THEN {outcome: 'cannot_tell', because: 'Whether what they may do is privileged is not given.'}
            ELSE {outcome: 'pass', because: concat('No privileged role; ', grants, ' grants.')}
        END AS verdict,
        list_concat([row_id], grant_rows) AS rows
    FROM held
),

-- Who may let outsiders in: said once for a place, where its source says it.
place AS (
    SELECT DISTINCT provider, scope_unit
    FROM snapshot
    WHERE evidence_type LIKE '%.settings' OR evidence_type LIKE '%.guests'
),

inviting_judged AS (
    SELECT
        place.provider,
        place.scope_unit,
        'who may invite outsiders' AS item,
        CASE
            WHEN any_value(setting.value) IN ('administrators', 'nobody')
                THEN {outcome: 'pass', because: concat('Invited by: ', any_value(setting.value), '.')}
            WHEN any_value(setting.value) IN ('members', 'everyone')
                THEN {outcome: 'deviation', because: concat('Invited by: ', any_value(setting.value), '.')}
            ELSE {outcome: 'cannot_tell', because: 'Who may invite from outside is not given.'}
        END AS verdict,
        coalesce(list(setting.row_id) FILTER (setting.row_id IS NOT NULL), []) AS rows
    FROM place
    LEFT JOIN setting
        ON place.provider = setting.provider AND place.scope_unit = setting.scope_unit
        AND setting.name = 'outsiders_invited_by'
    GROUP BY place.provider, place.scope_unit
),

judged AS (
    SELECT * FROM sponsor_judged
    UNION ALL SELECT * FROM use_judged
    UNION ALL SELECT * FROM rights_judged
    UNION ALL SELECT * FROM inviting_judged
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows
FROM judged;
