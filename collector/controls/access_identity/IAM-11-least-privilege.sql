/*
id = "IAM-11"
title = "Least privilege in policies"
statement = "No person or workload has unlimited rights by policy; broad built-in roles are avoided; unused rights are trimmed."
criteria = ["CC6.3", "CC6.1"]
frequency = "continuous"
nature = "automated"
severity = "high"
deviation_unit = "one over-broad grant"
evidence = [
  "aws.iam.authorization_details", "github.org.settings", "gcp.iam.policies", "azure.rbac.assignments",
  "aws.access_analyzer.findings",
]
helps = ["records.privileged_justification"]
decisions = [
  "A grant is over-broad when it gives every right, or every right over identities, on everything.",
  "A policy of the company's own that gives every right is a deviation, whoever holds it.",
  "A grant of a provider's own all-powerful role passes where an approved justification in force names the principal; one without an end is in force. Where no register of justifications is collected, it cannot be told.",
  "What members of an organisation may do in every repository without being asked is a right by policy: read or none is the least.",
  "A finding of an analyzer that people archived was accepted. When that was, is not given: one that came late was a deviation until then.",
  "Where no analyzer looks for access from outside, for the unit or for its whole organisation, nobody knows whether there is any.",
]

[maps]
iso27001_2022 = ["A.5.15", "A.8.2", "A.8.3"]
hipaa = ["164.308(a)(4)(ii)(B)", "164.312(a)(1)"]
gdpr = ["Art. 25", "Art. 32"]
eu_ai_act = []

[parameters.days]
default = 30
unit = "days"
meaning = "How long a finding on access from outside, or on rights that nobody uses, may stay open."

[[unseen]]
part = "access from outside and rights that nobody uses, where no analyzer that is on looks for them"
needs = []
*/

WITH register AS (
    SELECT coalesce(bool_and(complete) FILTER (evidence_type = 'records.privileged_justification'), false) AS collected
    FROM snapshot
),

justified AS (
    SELECT
        access_grant.row_id AS grant_row,
        list(approval.row_id) AS rows,
        max(approval.approved_by) AS approved_by
    FROM access_grant
    INNER JOIN approval
        ON (request_id = principal_id OR list_contains(refers_to, principal_id))
        AND approved_at <= access_grant.collected_at
        AND (closed_at IS NULL OR closed_at > access_grant.collected_at)
        AND approved_by IS DISTINCT FROM principal_id
    GROUP BY access_grant.row_id
),

grant_judged AS (
    SELECT
        provider,
        scope_unit,
        concat_ws(' ', source_id, role) AS item,
        CASE
            WHEN privileged IS NULL
                THEN {outcome: 'cannot_tell', because: 'whether it gives every right is not given'}
            WHEN NOT privileged
                THEN {outcome: 'pass', because: 'it does not give every right'}
            WHEN written_by = 'company'
                THEN {outcome: 'deviation', because: 'it is the company''s own policy, and gives every right'}
            WHEN justified.grant_row IS NOT NULL
                THEN {outcome: 'pass', because: concat('it gives every right, justified by ', approved_by)}
            WHEN NOT register.collected
                THEN {outcome: 'cannot_tell', because: 'it gives every right; whether that is justified is not collected'}
            ELSE {outcome: 'deviation', because: 'it gives every right, and nothing on record justifies that'}
        END AS verdict,
        concat(principal_id, ', ', coalesce(role, 'a role without a name'), coalesce(' by ' || via, ''), ': ') AS words,
        list_prepend(row_id, coalesce(justified.rows, [])) AS rows
    FROM access_grant
    CROSS JOIN register
    LEFT JOIN justified ON access_grant.row_id = justified.grant_row
),

setting_judged AS (
    SELECT
        provider,
        scope_unit,
        'rights of every member' AS item,
        CASE
            WHEN value IN ('read', 'none') THEN 'pass'
            WHEN value IS NULL THEN 'cannot_tell'
            ELSE 'deviation'
        END AS outcome,
        concat('Every member may ', coalesce(value, 'do what is not given'), ' in every repository.') AS because,
        [row_id] AS rows
    FROM setting
    WHERE name = 'default_repository_permission'
),

-- Of access inside an analyzer only makes a list; what is too much of it nobody has said.
finding_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('finding ', finding_id) AS item,
        CASE
            WHEN status IS NULL OR first_seen_at IS NULL
                THEN {outcome: 'cannot_tell', because: 'whether it is over, or when it began, is not given'}
            WHEN rule = 'internal_access'
                THEN {outcome: 'not_applicable', because: 'it is about access inside'}
            WHEN status = 'accepted'
                THEN {outcome: 'pass', because: 'it was accepted'}
            WHEN status = 'closed' AND closed_at <= first_seen_at + to_days(getvariable('days'))
                THEN {outcome: 'pass', because: concat('closed ', strftime(closed_at, '%Y-%m-%d'))}
            WHEN status = 'closed' AND closed_at IS NOT NULL
                THEN {outcome: 'deviation', because: concat(
                    'closed ', strftime(closed_at, '%Y-%m-%d'), ', more than ', getvariable('days'), ' days later')}
            WHEN status = 'closed'
                THEN {outcome: 'cannot_tell', because: 'it is over; since when is not given'}
            WHEN collected_at > first_seen_at + to_days(getvariable('days'))
                THEN {outcome: 'deviation', because: concat(
                    'still open ', strftime(collected_at, '%Y-%m-%d'), ', more than ', getvariable('days'),
                    ' days later')}
            ELSE {outcome: 'pass', because: 'open, inside the limit'}
        END AS verdict,
        concat(
            coalesce(asset_id, 'Something'), ': ', replace(coalesce(rule, 'a finding'), '_', ' '),
            strftime(first_seen_at, ', first seen %Y-%m-%d'), ': '
        ) AS words,
        [row_id] AS rows
    FROM finding
),

-- An analyzer of a whole organisation is seen in one of its units, and looks at all of them.
watch AS (
    SELECT provider, scope_unit, replace(covers, 'organisation/', '') AS place, covers LIKE 'organisation/%' AS whole,
        state, monitor, row_id
    FROM monitor
    WHERE kind = 'external_access' OR kind IS NULL
),

watch_judged AS (
    SELECT
        here.provider,
        here.scope_unit,
        concat('who looks for access from outside in ', here.place) AS item,
        CASE
            WHEN bool_or(other.state = 'enabled')
                THEN {outcome: 'pass', because: concat(
                    'Looked at by ', string_agg(DISTINCT other.monitor, ', ' ORDER BY other.monitor)
                    FILTER (other.state = 'enabled'))}
            ELSE {outcome: 'cannot_tell', because: concat(
                'Nothing that is on looks: ', string_agg(DISTINCT
                concat(other.monitor, ' (', coalesce(other.state, 'in a state that is not given'), ')'), ', '
                ORDER BY concat(other.monitor, ' (', coalesce(other.state, 'in a state that is not given'), ')')))}
        END AS verdict,
        '' AS words,
        list(DISTINCT other.row_id ORDER BY other.row_id) AS rows
    FROM (SELECT DISTINCT provider, scope_unit, place FROM watch) AS here
    INNER JOIN watch AS other
        ON here.provider = other.provider AND here.place = other.place
        AND (here.scope_unit = other.scope_unit OR other.whole)
    GROUP BY here.provider, here.scope_unit, here.place
),

told AS (
    SELECT provider, scope_unit, item, verdict, words, rows FROM grant_judged
    UNION ALL SELECT provider, scope_unit, item, verdict, words, rows FROM finding_judged
    UNION ALL SELECT provider, scope_unit, item, verdict, words, rows FROM watch_judged
)

SELECT
    provider, scope_unit, item, verdict.outcome AS outcome, concat(words, verdict.because, '.') AS because, rows
FROM told
UNION ALL
SELECT provider, scope_unit, item, outcome, because, rows FROM setting_judged;
