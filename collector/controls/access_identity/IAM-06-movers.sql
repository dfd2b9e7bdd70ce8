/*
id = "IAM-06"
title = "Role change changes access"
statement = "When a person changes role, old access is removed and new access is approved."
criteria = ["CC6.3", "CC6.2"]
frequency = "per_event"
nature = "it_dependent_manual"
severity = "medium"
deviation_unit = "one move with leftover access"
evidence = ["agent.identity_map", "hris.moves"]
helps = ["okta.assignments", "gws.groups", "github.repo.access", "aws.sso.assignments", "records.access_requests"]
across = ["agent.identity_map", "hris.moves"]
decisions = [
  "A grant is tied to the old role where its role, its resource or the way it came bears the name of the old role or department.",
  "Such a grant that is still there after the limit is a deviation, unless a request for the person was approved after the move.",
  "Where no grant bears such a name, only an approved request after the move shows that access was looked at; without one it cannot be told.",
]

[maps]
iso27001_2022 = ["A.5.18", "A.6.5"]
hipaa = ["164.308(a)(4)(ii)(C)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.days]
default = 5
unit = "days"
meaning = "How long old access may remain after the move."
*/

WITH moment AS (
    SELECT max(collected_at) AS at FROM snapshot
),

moved AS (
    SELECT
        person_change.*,
        moment.at AS now_at,
        effective_date + to_days(getvariable('days')) AS deadline,
        list_filter(
            [lower(from_role), lower(from_department)], lambda word: word IS NOT NULL AND length(word) > 2
        ) AS words
    FROM person_change
    CROSS JOIN moment
),

leftover AS (
    SELECT
        moved.row_id AS moved_row,
        count(*) AS number,
        string_agg(DISTINCT concat(
            identity_link.account_provider, ' ', coalesce(access_grant.role, '?'), ' on ',
            coalesce(access_grant.resource, '?'), coalesce(' by ' || access_grant.via, '')), '; ') AS told,
        list_concat(list(DISTINCT access_grant.row_id), list(DISTINCT identity_link.row_id)) AS rows
    FROM moved
    INNER JOIN identity_link
        ON moved.person_id = identity_link.person_id AND identity_link.state = 'linked'
    INNER JOIN access_grant
        ON identity_link.account_provider = access_grant.provider
        AND access_grant.principal_id IN (identity_link.account_id, identity_link.account_name)
    WHERE
        len(list_filter(
            moved.words,
            lambda word: contains(lower(concat_ws(' ', access_grant.role, access_grant.resource, access_grant.via)), word)
        )) > 0
    GROUP BY moved.row_id
),

approved AS (
    SELECT moved.row_id AS moved_row, min(approved_at) AS at, list(approval.row_id) AS rows
    FROM moved
    INNER JOIN approval
        ON requested_by = moved.person_id
        AND approved_by IS DISTINCT FROM moved.person_id
        AND approved_at >= moved.effective_date
    GROUP BY moved.row_id
)

SELECT
    moved.provider,
    moved.scope_unit,
    concat('move of ', person_id, ' on ', coalesce(strftime(effective_date, '%Y-%m-%d'), 'no known day')) AS item,
    CASE
        WHEN effective_date IS NULL OR len(words) = 0 THEN 'cannot_tell'
        WHEN now_at <= deadline THEN 'not_applicable'
        WHEN approved.at IS NOT NULL THEN 'pass'
        WHEN leftover.number > 0 THEN 'deviation'
        ELSE 'cannot_tell'
    END AS outcome,
    concat(
        'From ', coalesce(from_role, from_department, 'no known role'), ' to ',
        coalesce(to_role, to_department, 'no known role'), '. ',
        CASE
            WHEN effective_date IS NULL OR len(words) = 0 THEN 'The day or the old role is not given.'
            WHEN now_at <= deadline THEN concat('The limit is ', strftime(deadline, '%Y-%m-%d'), '.')
            WHEN leftover.number > 0 THEN concat('Still held of the old role: ', leftover.told, '.')
            ELSE 'No grant bears the name of the old role.'
        END,
        CASE
            WHEN approved.at IS NOT NULL
                THEN concat(' A request was approved on ', strftime(approved.at, '%Y-%m-%d'), '.')
            ELSE ' No request was approved since.'
        END
    ) AS because,
    list_concat([moved.row_id], coalesce(leftover.rows, []), coalesce(approved.rows, [])) AS rows
FROM moved
LEFT JOIN leftover ON moved.row_id = leftover.moved_row
LEFT JOIN approved ON moved.row_id = approved.moved_row;
