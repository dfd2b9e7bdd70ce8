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
helps = ["okta.users", "entra.users", "gws.users", "aws.sso.assignments", "aws.iam.credential_report"]
across = ["agent.identity_map", "hris.roster", "records.access_requests"]
decisions = [
  "Each account of a person that was made in the days looked back at is an item. When it was made is what its provider says; where it does not say, the account is one if it was first seen in that time, and cannot be told.",
  "A joiner's account needs no request of its own if it was made near the start date.",
  "A request is about an account if it names the account, or the person together with the provider.",
  "Accounts of services and those that are gone are left out.",
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

[[unseen]]
part = "each grant that not everybody gets was approved before it was made"
needs = ["entra.access_requests", "okta.log.access"]
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
LEFT JOIN asked ON fresh.row_id = asked.fresh_row;
