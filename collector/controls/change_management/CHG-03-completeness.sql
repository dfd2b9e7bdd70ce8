/*
id = "CHG-03"
title = "Nothing reaches the branch outside a reviewed change"
statement = "Every commit on a deployed branch belongs to a reviewed change; direct pushes and rewritten history are found."
criteria = ["CC8.1"]
frequency = "per_event"
nature = "automated"
severity = "critical"
deviation_unit = "one commit without change"
evidence = ["github.commits.default", "github.pulls.merged"]
decisions = [
  "The commits judged are those on a branch's own line. What came with a merge is judged with that merge.",
  "A commit that came with a change to one deployed branch may be brought to another without a second one.",
  "Whether the change was reviewed is for CHG-02.",
  "Rewritten history shows where a change was merged and its commit is not on the branch any more; a branch that is gone altogether is not judged.",
]

[maps]
iso27001_2022 = ["A.8.32", "A.8.4"]
hipaa = ["164.312(c)(1)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.explained]
default = []
unit = "commit hashes"
meaning = "The emergency list: commits that were pushed without a change, and explained."
*/

WITH on_branch AS (
    SELECT
        provider,
        scope_unit,
        repo,
        sha,
        min(change_id) AS change_id,
        bool_or(first_parent IS NULL) AS unclear,
        string_agg(DISTINCT branch, ', ' ORDER BY branch) AS branches,
        min(author) AS author,
        min(committed_at) AS committed_at,
        list(row_id ORDER BY row_id) AS rows
    FROM commit
    GROUP BY provider, scope_unit, repo, sha
    HAVING bool_or(coalesce(first_parent, true))
),

commit_judged AS (
    SELECT
        provider,
        scope_unit,
        concat(repo, '@', sha) AS item,
        CASE
            WHEN change_id IS NOT NULL
                THEN {outcome: 'pass', because: concat('Came with ', change_id, '.')}
            WHEN list_contains(getvariable('explained'), sha)
                THEN {outcome: 'pass', because: 'Came without a change, and is on the emergency list.'}
            WHEN unclear
                THEN {outcome: 'cannot_tell', because: 'Whether it lies on the branch''s own line is not given.'}
            ELSE {outcome: 'deviation', because: concat(
                'On ', branches, ' with no change behind it: made by ', coalesce(author, 'an unknown account'), ' on ',
                coalesce(strftime(committed_at, '%Y-%m-%d %H:%M'), 'an unknown day'), '.')}
        END AS verdict,
        rows
    FROM on_branch
),

-- The stretch that commits were listed for, and the branches that there are.
stretch AS (
    SELECT provider, scope_unit, min(window_from) AS window_from, max(window_to) AS window_to
    FROM snapshot
    WHERE window_from IS NOT NULL
    GROUP BY provider, scope_unit
),

branch AS (
    SELECT DISTINCT provider, scope_unit, repo, branch FROM commit
),

change_judged AS (
    SELECT
        change.provider,
        change.scope_unit,
        change.change_id AS item,
        CASE
            WHEN merge_sha IS NULL
                THEN {outcome: 'cannot_tell', because: 'Which commit it became is not given.'}
            WHEN bool_or(commit.row_id IS NOT NULL)
                THEN {outcome: 'pass', because: concat('Its commit is on ', base_branch, '.')}
            ELSE {outcome: 'deviation', because: concat(
                'Merged to ', base_branch, ' on ', strftime(merged_at, '%Y-%m-%d %H:%M'), ' as ', merge_sha,
                ', which is not on the branch any more: its history was rewritten.')}
        END AS verdict,
        list_concat(
            [change.row_id],
            coalesce(list(commit.row_id ORDER BY commit.row_id) FILTER (commit.row_id IS NOT NULL), [])
        ) AS rows
    FROM change
    JOIN stretch USING (provider, scope_unit)
    JOIN branch
        ON change.provider = branch.provider AND change.scope_unit = branch.scope_unit
        AND change.repo = branch.repo AND change.base_branch = branch.branch
    LEFT JOIN commit
        ON change.provider = commit.provider AND change.scope_unit = commit.scope_unit
        AND change.repo = commit.repo AND change.base_branch = commit.branch AND change.merge_sha = commit.sha
    WHERE change.deployable AND change.merged_at >= window_from AND change.merged_at < window_to
    GROUP BY
        change.provider, change.scope_unit, change.change_id, change.row_id, merge_sha, base_branch, merged_at
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows FROM commit_judged
UNION ALL
SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows FROM change_judged;
