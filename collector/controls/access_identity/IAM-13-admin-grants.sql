/*
id = "IAM-13"
title = "Every admin grant in the period was approved"
statement = "Each grant or activation of a privileged role in the period has an approval and a reason."
criteria = ["CC6.3", "CC6.2"]
frequency = "per_event"
nature = "it_dependent_manual"
severity = "high"
deviation_unit = "one unapproved privileged grant"
evidence = [
  "okta.log.admin", "entra.directory_audits", "entra.pim_requests", "gws.audit.admin", "github.audit.membership",
  "gcp.audit.iam_events", "records.access_requests",
]
helps = ["agent.identity_map"]
across = ["records.access_requests"]
decisions = [
  "An item is an event in which somebody was given a role; roles that are not privileged need an approval too, since the logs do not tell them apart.",
  "An approval is about an event where it has the id that the event refers to, or names the account, its login or its person, and was given by another, at or before the event, and no longer before it than the limit.",
  "Who gives a role to themselves has approved nothing, whatever else is on record.",
]

[maps]
iso27001_2022 = ["A.8.2", "A.5.18"]
hipaa = ["164.308(a)(4)(ii)(B)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.approval_days]
default = 30
unit = "days"
meaning = "How long before the grant its approval may have been given."
*/

WITH granted AS (
    SELECT
        access_event.*,
        identity_link.person_id,
        identity_link.account_name,
        identity_link.account_email
    FROM access_event
    LEFT JOIN identity_link
        ON access_event.provider = identity_link.account_provider
        AND access_event.scope_unit = identity_link.account_unit
        AND access_event.target IN (identity_link.account_id, identity_link.account_name)
    WHERE action = 'role_granted'
),

approved AS (
    SELECT
        granted.row_id AS granted_row,
        max(approval.approved_by) AS approved_by,
        max(approval.approved_at) AS approved_at,
        list(approval.row_id) AS rows
    FROM granted
    INNER JOIN approval
        ON (
            granted.request_ref = approval.request_id
            OR granted.person_id = approval.requested_by
            OR list_contains(refers_to, granted.target)
            OR list_contains(refers_to, granted.account_name)
        )
        AND approved_at <= granted.at
        AND approved_at >= granted.at - to_days(getvariable('approval_days'))
        AND approved_by IS NOT NULL
        AND approved_by NOT IN (
            coalesce(granted.person_id, ''), coalesce(granted.target, ''), coalesce(granted.account_name, '')
        )
    GROUP BY granted.row_id
)

SELECT
    granted.provider,
    granted.scope_unit,
    concat('grant ', source_id) AS item,
    CASE
        WHEN outcome = 'failure' THEN 'not_applicable'
        WHEN target IS NULL OR granted.at IS NULL THEN 'cannot_tell'
        WHEN actor IN (target, account_name, account_email) THEN 'deviation'
        WHEN approved.granted_row IS NOT NULL THEN 'pass'
        ELSE 'deviation'
    END AS outcome,
    concat(
        coalesce(actor, 'somebody'), ' gave a role to ', coalesce(account_name, target, 'somebody'), ' on ',
        coalesce(strftime(granted.at, '%Y-%m-%d %H:%M'), 'no known day'),
        CASE
            WHEN outcome = 'failure' THEN ', without success'
            WHEN target IS NULL OR granted.at IS NULL THEN '; to whom or when is not given'
            WHEN actor IN (target, account_name, account_email) THEN ': to themselves'
            WHEN approved.granted_row IS NOT NULL
                THEN concat('; approved by ', approved_by, ' on ', strftime(approved_at, '%Y-%m-%d'))
            ELSE '; no approval by another before that is on record'
        END, '.'
    ) AS because,
    list_prepend(granted.row_id, coalesce(approved.rows, [])) AS rows
FROM granted
LEFT JOIN approved ON granted.row_id = approved.granted_row;
