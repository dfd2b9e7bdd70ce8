/*
id = "CHG-07"
title = "Infrastructure is changed through code"
statement = "Production configuration changes come from the pipeline; manual changes are seen and explained."
criteria = ["CC8.1", "CC7.1", "CC6.8"]
frequency = "per_event"
nature = "it_dependent_manual"
severity = "high"
deviation_unit = "one unexplained manual change"
evidence = ["gcp.audit.manual_changes", "records.change_tickets", "azure.activity_log", "aws.cloudtrail.manual_changes"]
across = ["records.change_tickets"]
decisions = [
  "An item is a change that a person made, in any unit: which of them are production is not in this evidence, and a forgotten mark must not take one out of the audit.",
  "A ticket explains a change where it names the change or what was changed, or where the same person asked for it within the days; and where somebody else approved it.",
  "What was tried and refused changed nothing.",
  "A user's key counts as a person's unless the configuration says that a program has it: nothing else tells the two apart.",
]

[maps]
iso27001_2022 = ["A.8.9", "A.8.32"]
hipaa = ["164.312(b)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.days]
default = 5
unit = "days"
meaning = "How far from the change its ticket may have been approved, before or after."

[[unseen]]
part = "an incident or a break-glass session explains a change that has no ticket"
needs = ["records.incident_register"]
*/

WITH explained AS (
    SELECT
        change_event.row_id AS change_row,
        min(approval.request_id) AS request_id,
        min(approval.approved_by) AS approved_by,
        list(approval.row_id ORDER BY approval.row_id) AS rows
    FROM change_event
    INNER JOIN approval
        ON (
            change_event.ticket_ref = approval.request_id
            OR list_contains(refers_to, change_event.event_id)
            OR list_contains(refers_to, change_event.resource)
            OR lower(approval.requested_by) = lower(change_event.actor)
        )
        AND approval.approved_by IS NOT NULL
        AND lower(approval.approved_by) IS DISTINCT FROM lower(change_event.actor)
        AND approval.approved_at BETWEEN
            change_event.at - to_days(getvariable('days')) AND change_event.at + to_days(getvariable('days'))
    GROUP BY change_event.row_id
),

judged AS (
    SELECT
        change_event.*,
        CASE
            WHEN outcome = 'failure'
                THEN {outcome: 'not_applicable', because: 'was refused'}
            WHEN actor_kind = 'service'
                THEN {outcome: 'not_applicable', because: 'was made by a program'}
            WHEN explained.change_row IS NOT NULL
                THEN {outcome: 'pass', because: concat(
                    'explained by ', explained.request_id, ', approved by ', explained.approved_by)}
            WHEN actor_kind IS NULL
                THEN {outcome: 'cannot_tell', because: 'whether a person made it is not given'}
            WHEN change_event.at IS NULL
                THEN {outcome: 'cannot_tell', because: 'when it was made is not given'}
            WHEN collected_at < change_event.at + to_days(getvariable('days'))
                THEN {outcome: 'cannot_tell', because: 'no ticket explains it yet; there is still time for one'}
            ELSE {outcome: 'deviation', because: concat(
                'no approved ticket within ', getvariable('days'), ' days explains it')}
        END AS verdict,
        list_prepend(change_event.row_id, coalesce(explained.rows, [])) AS shown
    FROM change_event
    LEFT JOIN explained ON change_event.row_id = explained.change_row
)

SELECT
    provider,
    scope_unit,
    concat('change ', event_id) AS item,
    verdict.outcome AS outcome,
    concat(
        coalesce(actor, 'Somebody'), ': ', coalesce(action, 'a change'), ' of ', coalesce(resource, 'something'),
        strftime(judged.at, ' on %Y-%m-%d %H:%M'), '; ', verdict.because, '.'
    ) AS because,
    shown AS rows
FROM judged;
