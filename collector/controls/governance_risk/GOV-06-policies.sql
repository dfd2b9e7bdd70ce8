/*
id = "GOV-06"
title = "Policies kept current and approved"
statement = "A set of security, availability, confidentiality and privacy policies is owned, approved yearly and available to workers."
criteria = ["CC5.3", "CC2.2", "CC1.3"]
frequency = "annual"
nature = "it_dependent_manual"
severity = "medium"
deviation_unit = "one overdue or unapproved policy"
evidence = ["github.policy_docs"]
decisions = [
  "An approval counts for the version that it was given for: a policy that was changed afterwards without one is not approved.",
  "A policy on the required list is there if a document's name contains that text, whatever its case.",
  "Files that say who owns the code are no policies.",
]

[maps]
iso27001_2022 = ["A.5.1", "A.5.37"]
hipaa = ["164.316(a)", "164.316(b)(1)", "164.316(b)(2)(iii)"]
gdpr = ["Art. 24"]
eu_ai_act = ["Art. 17"]

[parameters.days]
default = 365
unit = "days"
meaning = "How old the approval of a policy may become."

[parameters.required]
default = []
unit = "parts of documents' names"
meaning = "The policies that there must be."

[[unseen]]
part = "every policy has an owner who is an active person, and workers can read it"
needs = ["hris.roster", "records.policies"]
*/

WITH policy AS (
    SELECT
        *,
        collected_at - to_days(getvariable('days')) AS oldest
    FROM document
    WHERE kind = 'policy' OR kind IS NULL
),

policy_judged AS (
    SELECT
        provider,
        scope_unit,
        document AS item,
        CASE
            WHEN version IS NULL
                THEN {outcome: 'cannot_tell', because: 'Which version is in force is not given.'}
            WHEN approved_by IS NULL
                THEN {outcome: 'cannot_tell', because: 'Who approved it is not given.'}
            WHEN len(approved_by) = 0
                THEN {outcome: 'deviation', because: concat(
                    'Changed ', coalesce(strftime(changed_at, '%Y-%m-%d') || ' ', ''),
                    coalesce('by ' || changed_by || ' ', ''),
                    CASE WHEN change_id IS NULL THEN 'without a change that anybody could approve.'
                        ELSE concat('in ', change_id, ', which no other person approved.') END)}
            WHEN approved_at IS NULL
                THEN {outcome: 'cannot_tell', because: 'When it was approved is not given.'}
            WHEN approved_at < oldest
                THEN {outcome: 'deviation', because: concat(
                    'Last approved ', strftime(approved_at, '%Y-%m-%d'), ', more than ', getvariable('days'),
                    ' days before ', strftime(collected_at, '%Y-%m-%d'), '.')}
            ELSE {outcome: 'pass', because: concat(
                'Approved by ', array_to_string(approved_by, ', '), ' on ', strftime(approved_at, '%Y-%m-%d'), '.')}
        END AS verdict,
        [row_id] AS rows
    FROM policy
),

place AS (
    SELECT DISTINCT provider, scope_unit
    FROM snapshot
),

wanted AS (
    SELECT provider, scope_unit, unnest(getvariable('required')) AS part
    FROM place
),

required_judged AS (
    SELECT
        wanted.provider,
        wanted.scope_unit,
        concat('required: ', part) AS item,
        CASE
            WHEN count(policy.row_id) = 0
                THEN {outcome: 'deviation', because: 'There is no such policy.'}
            ELSE {outcome: 'pass', because: concat('Kept as ', string_agg(document, ', ' ORDER BY document), '.')}
        END AS verdict,
        coalesce(list(policy.row_id ORDER BY policy.row_id) FILTER (policy.row_id IS NOT NULL), []) AS rows
    FROM wanted
    LEFT JOIN policy
        ON wanted.provider = policy.provider AND wanted.scope_unit = policy.scope_unit
        AND contains(lower(document), lower(part))
    GROUP BY wanted.provider, wanted.scope_unit, part
),

judged AS (
    SELECT * FROM policy_judged
    UNION ALL SELECT * FROM required_judged
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows
FROM judged;
