/*
id = "CHG-02"
title = "Changes are reviewed and tested before merge"
statement = "Each change merged to a deployed branch was approved by someone other than its author on the final version and its checks were green."
criteria = ["CC8.1", "CC5.2"]
frequency = "per_event"
nature = "automated"
severity = "critical"
deviation_unit = "one change without valid approval or green checks"
evidence = ["github.pulls.merged"]
decisions = [
  "What a reviewer said last before the merge counts; a comment takes no approval back.",
  "An approval of any but the last commit is not one of the final version, whatever the branch's rule was that day: the rule of that day is not in this evidence.",
  "Where it is not known who made the last commit, one approval more is needed before it is sure that another person gave one.",
  "Checks are those that the branch requires at the time of collection, or all of them where it requires none. The last run of a check is all that the source keeps: one that ended after the merge counts as not ended at the merge.",
  "A change on which no check ran at all is a deviation: nothing shows that it was tested.",
  "An emergency is judged like any other change; that it was reviewed afterwards is for CHG-04.",
]

[maps]
iso27001_2022 = ["A.8.32", "A.8.29", "A.5.3", "A.8.28"]
hipaa = ["164.308(a)(8)", "164.312(c)(1)"]
gdpr = ["Art. 25", "Art. 32"]
eu_ai_act = ["Art. 15", "Art. 17"]

[parameters.approvals]
default = 1
unit = "approvals"
meaning = "How many people must have approved a change."

[parameters.automated]
default = []
unit = "logins of programs"
meaning = "The programs whose changes an approved rule lets through without a person's approval."
*/

-- What each reviewer said last of a change before it was merged.
WITH said AS (
    SELECT
        change.provider,
        change.scope_unit,
        change.change_id,
        change_review.reviewer,
        max(change_review.reviewer_kind) AS reviewer_kind,
        arg_max(change_review.state, change_review.submitted_at) AS state,
        arg_max(change_review.sha, change_review.submitted_at) AS sha,
        list(change_review.row_id ORDER BY change_review.row_id) AS rows
    FROM change
    JOIN change_review USING (provider, scope_unit, change_id)
    WHERE change_review.state <> 'commented' AND change_review.submitted_at <= change.merged_at
    GROUP BY ALL
),

reviewed AS (
    SELECT
        change.*,
        count(*) FILTER (
            state = 'approved' AND said.sha = head_sha AND reviewer_kind = 'human'
            AND reviewer <> author AND reviewer IS DISTINCT FROM last_committer
        ) AS valid,
        -- Perhaps valid: nothing that is known speaks against it.
        count(*) FILTER (
            state = 'approved' AND coalesce(said.sha = head_sha, true) AND coalesce(reviewer_kind = 'human', true)
            AND coalesce(reviewer <> author, true) AND reviewer IS DISTINCT FROM last_committer
        ) AS perhaps,
        count(*) FILTER (state = 'approved') AS approved,
        bool_or(state = 'approved' AND reviewer = author) AS by_author,
        bool_or(state = 'approved' AND reviewer = last_committer) AS by_last_committer,
        bool_or(state = 'approved' AND reviewer_kind = 'bot') AS by_bot,
        bool_or(state = 'approved' AND said.sha <> head_sha) AS stale,
        string_agg(reviewer, ', ' ORDER BY reviewer) FILTER (state = 'approved') AS approvers,
        coalesce(flatten(list(said.rows ORDER BY reviewer) FILTER (said.rows IS NOT NULL)), []) AS review_rows
    FROM change
    LEFT JOIN said USING (provider, scope_unit, change_id)
    GROUP BY ALL
),

review_judged AS (
    SELECT
        *,
        CASE
            WHEN author_kind = 'bot' AND list_contains(getvariable('automated'), author)
                THEN {outcome: 'pass', because: concat('Made by ', author, ', which an approved rule lets through.')}
            WHEN valid - CASE WHEN last_committer IS NULL THEN 1 ELSE 0 END >= getvariable('approvals')
                THEN {outcome: 'pass', because: concat('Approved by ', approvers, ' on the last commit.')}
            WHEN perhaps >= getvariable('approvals')
                THEN {outcome: 'cannot_tell', because: concat(
                    'Approved by ', approvers, '; whether by another than who made it, and on the last commit, ',
                    'is not given.')}
            WHEN approved = 0
                THEN {outcome: 'deviation', because: 'Nobody approved it before it was merged.'}
            ELSE {outcome: 'deviation', because: concat(
                'Approved by ', approvers, ' alone',
                CASE WHEN by_author THEN '; the approver is the author' END,
                CASE WHEN by_last_committer AND NOT coalesce(by_author, false)
                    THEN '; the approver made the last commit' END,
                CASE WHEN by_bot THEN '; the approver is a program' END,
                CASE WHEN stale THEN '; the approval is older than the last commit' END,
                CASE WHEN valid > 0 THEN concat('; ', getvariable('approvals'), ' approvals are required') END, '.')}
        END AS review
    FROM reviewed
),

check_judged AS (
    SELECT
        *,
        CASE
            WHEN checks = 'success' AND checks_ended_at <= merged_at
                THEN {outcome: 'pass', because: 'Its checks had succeeded.'}
            WHEN checks = 'success' AND checks_ended_at > merged_at
                THEN {outcome: 'deviation', because: concat(
                    'Its checks ended ', strftime(checks_ended_at, '%Y-%m-%d %H:%M'), ', after the merge of ',
                    strftime(merged_at, '%Y-%m-%d %H:%M'), '.')}
            WHEN checks = 'failure'
                THEN {outcome: 'deviation', because: concat(
                    'Merged with failed checks: ', array_to_string(failed_checks, ', '), '.')}
            WHEN checks = 'pending'
                THEN {outcome: 'deviation', because: 'Merged with checks that never ended.'}
            WHEN checks = 'none'
                THEN {outcome: 'deviation', because: 'No check ran on its last commit.'}
            ELSE {outcome: 'cannot_tell', because: 'How its checks ended is not given.'}
        END AS tested
    FROM review_judged
)

SELECT
    provider,
    scope_unit,
    change_id AS item,
    CASE
        WHEN NOT deployable THEN 'not_applicable'
        WHEN deployable IS NULL OR merged_at IS NULL OR head_sha IS NULL THEN 'cannot_tell'
        WHEN 'deviation' IN (review.outcome, tested.outcome) THEN 'deviation'
        WHEN 'cannot_tell' IN (review.outcome, tested.outcome) THEN 'cannot_tell'
        ELSE 'pass'
    END AS outcome,
    CASE
        WHEN NOT deployable THEN concat('Merged to ', base_branch, ', which is not deployed.')
        WHEN deployable IS NULL OR merged_at IS NULL OR head_sha IS NULL
            THEN 'Where, when or with which last commit it was merged is not given.'
        ELSE concat(review.because, ' ', tested.because)
    END AS because,
    list_concat([row_id], review_rows) AS rows
FROM check_judged;
