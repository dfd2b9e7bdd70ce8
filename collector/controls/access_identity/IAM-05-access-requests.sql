/*
id = "IAM-05"
title = "Access is asked for and approved before it is given"
statement = "New accounts and new grants trace to a request approved by someone other than the person, before or at the time of grant."
criteria = ["CC6.2", "CC6.3"]
frequency = "per_event"
nature = "it_dependent_manual"
severity = "high"
deviation_unit = "one grant without prior approval"
evidence = ["agent.identity_map", "hris.roster", "records.access_requests"]
helps = [
  "okta.users", "entra.users", "gws.users", "aws.sso.assignments", "aws.iam.credential_report", "okta.log.access",
  "entra.directory_audits", "entra.access_requests", "gws.audit.admin", "github.audit.membership",
]
across = ["agent.identity_map", "hris.roster", "records.access_requests"]
decisions = [
  "Each account of a person that was made in the days looked back at is an item. When it was made is what its provider says; where it does not say, the account is one if it was first seen in that time, and cannot be told.",
  "A joiner's account needs no request of its own if it was made near the start date.",
  "A request is about an account if it names the account, or the person together with the provider.",
  "Accounts of services and those that are gone are left out.",
  "Each event in which somebody came into a group or was given an application is an item too, unless everybody gets it. Where a provider's log of that is not read whole, its grants cannot be told.",
  "An approval of which the source does not say who gave it leaves a grant open.",
]

[maps]
iso27001_2022 = ["A.5.16", "A.5.18", "A.5.15"]
hipaa = ["164.308(a)(4)(ii)(B)", "164.308(a)(3)(ii)(A)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.early_days]
default = 14
unit = "days"
meaning = "How far from the start date a joiner's account may be made."

[parameters.lookback_days]
default = 100
unit = "days"
meaning = "How far back new accounts are looked for; longer than the time between two judgements that are kept."

[parameters.everybody]
default = []
unit = "groups and applications, as the evidence names them"
meaning = "What everybody gets without a request."
*/

WITH moment AS (
    SELECT max(collected_at) AS at FROM snapshot
),

made AS (
    SELECT provider, scope_unit, account_id, min(created_at) AS created_at
    FROM account
    GROUP BY provider, scope_unit, account_id
),

fresh AS (
    SELECT
        identity_link.*,
        made.created_at,
        person.row_id AS person_row,
        person.start_date,
        moment.at - to_days(getvariable('lookback_days')) AS oldest
    FROM identity_link
    CROSS JOIN moment
    LEFT JOIN made
        ON account_provider = made.provider
        AND account_unit = made.scope_unit
        AND identity_link.account_id = made.account_id
    LEFT JOIN person USING (person_id)
    WHERE
        identity_link.account_id <> '' AND present AND state <> 'service'
        AND coalesce(made.created_at, first_seen_at) >= moment.at - to_days(getvariable('lookback_days'))
),

asked AS (
    SELECT
        fresh.row_id AS fresh_row,
        count(*) FILTER (
            approved_by IS DISTINCT FROM fresh.person_id AND approved_at <= fresh.created_at
        ) AS in_time,
        count(*) FILTER (approved_by = fresh.person_id) AS own,
        list(approval.row_id) AS rows
    FROM fresh
    INNER JOIN approval
        ON (
            list_contains(refers_to, fresh.account_id)
            OR list_contains(refers_to, fresh.account_name)
            OR (requested_by = fresh.person_id AND list_contains(refers_to, fresh.account_provider))
        )
        AND approved_by IS NOT NULL AND approved_at IS NOT NULL
    GROUP BY fresh.row_id
),

-- What somebody was given beside the account itself.
given AS (
    SELECT
        access_event.*,
        identity_link.person_id,
        identity_link.account_name,
        identity_link.row_id AS link_row,
        person.start_date,
        person.row_id AS person_row
    FROM access_event
    CROSS JOIN moment
    LEFT JOIN identity_link
        ON access_event.provider = identity_link.account_provider
        AND access_event.scope_unit = identity_link.account_unit
        AND access_event.target IN (identity_link.account_id, identity_link.account_name)
    LEFT JOIN person USING (person_id)
    WHERE
        action IN ('group_added', 'app_assigned')
        AND outcome IS DISTINCT FROM 'failure'
        AND coalesce(access_event.at >= moment.at - to_days(getvariable('lookback_days')), true)
        AND NOT list_contains(getvariable('everybody'), coalesce(granted, ''))
    QUALIFY row_number() OVER (PARTITION BY access_event.row_id ORDER BY identity_link.row_id) = 1
),

backed AS (
    SELECT
        given.row_id AS given_row,
        count(*) FILTER (approved_by <> coalesce(given.person_id, '')) AS by_another,
        count(*) FILTER (approved_by IS NULL) AS by_unknown,
        list(approval.row_id) AS rows
    FROM given
    INNER JOIN approval
        ON (
            given.request_ref = approval.request_id
            OR (
                (
                    requested_by IN (given.person_id, given.target, given.account_name)
                    OR list_contains(refers_to, given.target)
                    OR list_contains(refers_to, given.account_name)
                )
                AND (given.granted IS NULL OR approved_by IS NULL OR list_contains(refers_to, given.granted))
            )
        )
        AND approved_at <= given.at
    GROUP BY given.row_id
),

unlogged AS (
    SELECT
        identity_link.provider,
        identity_link.scope_unit,
        account_provider,
        account_unit,
        list(identity_link.row_id ORDER BY identity_link.row_id) AS rows
    FROM identity_link
    ANTI JOIN (
        SELECT provider, scope_unit FROM snapshot
        WHERE window_from IS NOT NULL AND complete AND evidence_type NOT LIKE '%.access_requests'
    ) AS log
        ON account_provider = log.provider AND account_unit = log.scope_unit
    WHERE identity_link.account_id <> '' AND present AND state <> 'service'
    GROUP BY identity_link.provider, identity_link.scope_unit, account_provider, account_unit
)

SELECT
    fresh.provider,
    fresh.scope_unit,
    concat(account_provider, ' ', account_unit, ' ', account_id) AS item,
    CASE
        WHEN asked.in_time > 0 THEN 'pass'
        WHEN fresh.created_at IS NULL THEN 'cannot_tell'
        WHEN abs(epoch(fresh.created_at) - epoch(start_date)) <= getvariable('early_days') * 86400 THEN 'pass'
        ELSE 'deviation'
    END AS outcome,
    concat(
        account_name || ': ',
        CASE
            WHEN fresh.created_at IS NULL THEN concat('first seen ', strftime(first_seen_at, '%Y-%m-%d'),
                '; when it was made is not given')
            ELSE concat('made ', strftime(fresh.created_at, '%Y-%m-%d'))
        END,
        CASE WHEN person_row IS NULL THEN '; of nobody in the people list'
            ELSE concat('; of ', person_id, ', who starts ', coalesce(strftime(start_date, '%Y-%m-%d'), 'on no known day'))
        END,
        CASE
            WHEN asked.in_time > 0 THEN '; approved before that by another'
            WHEN asked.own > 0 THEN '; the only approval is the person''s own'
            WHEN asked.fresh_row IS NOT NULL THEN '; approved only afterwards'
            ELSE '; no approved request is about it'
        END, '.'
    ) AS because,
    list_concat(list_filter([fresh.row_id, person_row], lambda row: row IS NOT NULL), coalesce(asked.rows, [])) AS rows
FROM fresh
LEFT JOIN asked ON fresh.row_id = asked.fresh_row
UNION ALL
SELECT
    given.provider,
    given.scope_unit,
    concat('grant ', source_id) AS item,
    CASE
        WHEN by_another > 0 THEN 'pass'
        WHEN target IS NULL OR given.at IS NULL THEN 'cannot_tell'
        WHEN abs(epoch(given.at) - epoch(start_date)) <= getvariable('early_days') * 86400 THEN 'pass'
        WHEN by_unknown > 0 THEN 'cannot_tell'
        ELSE 'deviation'
    END AS outcome,
    concat(
        coalesce(account_name, target, 'somebody'),
        CASE action WHEN 'group_added' THEN ' came into ' ELSE ' was given ' END, coalesce(granted, 'something unnamed'),
        coalesce(strftime(given.at, ' on %Y-%m-%d %H:%M'), ' on no known day'),
        coalesce(' by ' || actor, ''),
        CASE
            WHEN by_another > 0 THEN '; approved before that by another'
            WHEN by_unknown > 0 THEN '; approved before that, by whom is not given'
            WHEN given_row IS NOT NULL THEN '; the only approval is the person''s own'
            ELSE '; no approved request before that is about it'
        END,
        coalesce(strftime(start_date, '; starts %Y-%m-%d'), ''), '.'
    ) AS because,
    list_concat(
        list_filter([given.row_id, link_row, given.person_row], lambda row: row IS NOT NULL), coalesce(backed.rows, [])
    ) AS rows
FROM given
LEFT JOIN backed ON given.row_id = given_row
UNION ALL
SELECT
    provider,
    scope_unit,
    concat('grants at ', account_provider, ' ', account_unit) AS item,
    'cannot_tell' AS outcome,
    'What is given there beside accounts is in no log that was read whole.' AS because,
    rows
FROM unlogged;
