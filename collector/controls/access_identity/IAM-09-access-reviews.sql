/*
id = "IAM-09"
title = "Access reviewed at planned times"
statement = "Owners look at who has access to each in-scope system at least quarterly (privileged) or half-yearly, decide on each item, and removals are done."
criteria = ["CC6.2", "CC6.3", "CC4.1"]
frequency = "quarterly"
nature = "it_dependent_manual"
severity = "high"
deviation_unit = "one missing review, one undecided item, or one undone removal"
evidence = ["agent.identity_map", "records.access_reviews"]
helps = ["okta.certifications", "entra.access_reviews"]
across = ["agent.identity_map", "records.access_reviews"]
decisions = [
  "A system is a scope in which the map of identities has accounts; a review is of it where it names its provider, its id, or both.",
  "A review is on time when it began no longer ago than the limit and was completed within the days to close it.",
  "A removal is done when the review says when it was applied, or when a whole list no longer shows the account active; either must be within the limit after the decision.",
  "An item of which nobody is sure is not decided.",
  "Who decides about an account of their own has not reviewed it.",
]

[maps]
iso27001_2022 = ["A.5.18"]
hipaa = ["164.308(a)(4)(ii)(C)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.every_days]
default = 92
unit = "days"
meaning = "How long ago the last review of a system may have begun."

[parameters.close_days]
default = 30
unit = "days"
meaning = "How long a review may take."

[parameters.remove_days]
default = 7
unit = "days"
meaning = "How long a removal may take after it was decided."
*/

WITH moment AS (
    SELECT max(collected_at) AS at FROM snapshot
),

system AS (
    SELECT
        account_provider,
        account_unit,
        min(provider) AS provider,
        min(scope_unit) AS scope_unit,
        count(*) FILTER (status = 'active' AND state <> 'service') AS accounts
    FROM identity_link
    WHERE account_id <> ''
    GROUP BY account_provider, account_unit
),

of_system AS (
    SELECT
        system.account_provider,
        system.account_unit,
        access_review.review_id,
        min(started_at) AS started_at,
        max(completed_at) AS completed_at,
        greatest(max(items), count(DISTINCT item)) AS looked_at,
        list(access_review.row_id) AS rows
    FROM system
    INNER JOIN access_review
        ON lower(system) IN (
            lower(account_provider), lower(account_unit), lower(concat(account_provider, ' ', account_unit))
        )
    GROUP BY system.account_provider, system.account_unit, access_review.review_id
),

newest AS (
    SELECT
        account_provider,
        account_unit,
        -- A review without a beginning may be the newest.
        max_by(
            {id: review_id, started: started_at, completed: completed_at, looked_at: looked_at, rows: rows},
            coalesce(started_at, TIMESTAMP '9999-12-31')
        ) AS last
    FROM of_system
    GROUP BY account_provider, account_unit
),

system_judged AS (
    SELECT
        system.provider,
        system.scope_unit,
        concat('reviews of ', account_provider, ' ', account_unit) AS item,
        CASE
            WHEN last IS NULL
                THEN {outcome: 'deviation', because: 'No review of it is on record.'}
            WHEN last.started IS NULL
                THEN {outcome: 'cannot_tell', because: concat('When review ', last.id, ' began is not given.')}
            WHEN last.started < moment.at - to_days(getvariable('every_days'))
                THEN {outcome: 'deviation', because: concat(
                    'The last, ', last.id, ', began ', strftime(last.started, '%Y-%m-%d'), ', more than ',
                    getvariable('every_days'), ' days before.')}
            WHEN last.completed > last.started + to_days(getvariable('close_days'))
                THEN {outcome: 'deviation', because: concat(
                    last.id, ' took from ', strftime(last.started, '%Y-%m-%d'), ' to ',
                    strftime(last.completed, '%Y-%m-%d'), '.')}
            WHEN last.completed IS NULL AND moment.at > last.started + to_days(getvariable('close_days'))
                THEN {outcome: 'deviation', because: concat(
                    last.id, ' began ', strftime(last.started, '%Y-%m-%d'), ' and is not completed.')}
            WHEN last.completed IS NULL
                THEN {outcome: 'not_applicable', because: concat(
                    last.id, ' began ', strftime(last.started, '%Y-%m-%d'), ' and is under way.')}
            ELSE {outcome: 'pass', because: concat(
                last.id, ' from ', strftime(last.started, '%Y-%m-%d'), ' to ', strftime(last.completed, '%Y-%m-%d'),
                '; ', last.looked_at, ' items looked at, ', accounts, ' accounts are active now.')}
        END AS verdict,
        coalesce(last.rows, []) AS rows
    FROM system
    CROSS JOIN moment
    LEFT JOIN newest USING (account_provider, account_unit)
),

looked AS (
    SELECT
        access_review.* EXCLUDE (status) REPLACE (nullif(nullif(decision, 'none'), 'unsure') AS decision),
        decided_at + to_days(getvariable('remove_days')) AS deadline,
        moment.at AS now_at,
        identity_link.row_id AS link_row,
        identity_link.person_id,
        identity_link.status,
        CASE WHEN identity_link.status <> 'active' THEN inactive_at END AS gone_at
    FROM access_review
    CROSS JOIN moment
    LEFT JOIN identity_link
        -- Some sources name what access is to beside whose it is.
        ON split_part(access_review.item, ' on ', 1) IN (identity_link.account_id, identity_link.account_name)
        AND lower(access_review.system) IN (
            lower(account_provider), lower(account_unit), lower(concat(account_provider, ' ', account_unit))
        )
    WHERE item IS NOT NULL
),

item_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('review ', review_id, ' of ', system, ': ', item) AS item,
        CASE
            WHEN reviewer IN (person_id, split_part(looked.item, ' on ', 1))
                THEN {outcome: 'deviation', because: concat(reviewer, ' decided about an account of their own.')}
            WHEN decision IS NULL AND completed_at IS NOT NULL
                THEN {outcome: 'deviation', because: 'The review is completed, and this item is not decided.'}
            WHEN decision IS NULL
                THEN {outcome: 'not_applicable', because: 'Not decided yet.'}
            WHEN lower(decision) NOT IN ('revoke', 'remove', 'deny', 'removed', 'revoked', 'denied')
                THEN {outcome: 'pass', because: concat('Decided: ', decision, '.')}
            WHEN coalesce(applied_at, gone_at) <= deadline
                THEN {outcome: 'pass', because: concat(
                    'To be removed, and gone by ', strftime(coalesce(applied_at, gone_at), '%Y-%m-%d'), '.')}
            WHEN decided_at IS NULL
                THEN {outcome: 'cannot_tell', because: 'To be removed; when that was decided is not given.'}
            WHEN coalesce(applied_at, gone_at) > deadline
                THEN {outcome: 'deviation', because: concat(
                    'To be removed by ', strftime(deadline, '%Y-%m-%d'), ', and gone only by ',
                    strftime(coalesce(applied_at, gone_at), '%Y-%m-%d'), '.')}
            WHEN now_at <= deadline
                THEN {outcome: 'not_applicable', because: concat(
                    'To be removed by ', strftime(deadline, '%Y-%m-%d'), '.')}
            WHEN status = 'active'
                THEN {outcome: 'deviation', because: concat(
                    'To be removed by ', strftime(deadline, '%Y-%m-%d'), ', and still active.')}
            ELSE {outcome: 'cannot_tell', because: 'To be removed; nothing shows whether it was.'}
        END AS verdict,
        list_filter([row_id, link_row], lambda row: row IS NOT NULL) AS rows
    FROM looked
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows FROM system_judged
UNION ALL
SELECT provider, scope_unit, item, verdict.outcome, verdict.because, rows FROM item_judged;
