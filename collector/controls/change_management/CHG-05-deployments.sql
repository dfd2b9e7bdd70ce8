/*
id = "CHG-05"
title = "Deployments trace to approved changes"
statement = "Each production deployment is of a commit that came through an approved change, by the pipeline or an allowed person."
criteria = ["CC8.1"]
frequency = "per_event"
nature = "automated"
severity = "high"
deviation_unit = "one untraceable deployment"
evidence = ["github.deployments", "github.commits.default", "github.pulls.merged", "gcp.deploys"]
decisions = [
  "A deployment that succeeded once is judged, also where a later one has replaced it; one that never succeeded delivered nothing.",
  "An approved change is one that CHG-02 would pass: the two rules ask the same questions, with parameters of their own.",
  "A commit that is on no deployed branch now, and was made in the stretch that was collected, did not come through a change to it. One that is older cannot be told.",
  "A delivery that a cloud shows without its commit is an item, and cannot be told.",
  "Where no deployers are named, every program counts as the pipeline, and no person does.",
]

[maps]
iso27001_2022 = ["A.8.32", "A.8.31", "A.8.19"]
hipaa = ["164.312(c)(1)"]
gdpr = ["Art. 32"]
eu_ai_act = ["Art. 17"]

[parameters.approvals]
default = 1
unit = "approvals"
meaning = "How many people must have approved a change."

[parameters.automated]
default = []
unit = "logins of programs"
meaning = "The programs whose changes an approved rule lets through without a person's approval."

[parameters.deployers]
default = []
unit = "logins"
meaning = "The pipeline's identities, and the people who may deploy by hand."

[[unseen]]
part = "deployments seen at the cloud's side are as many as those recorded at the pipeline"
needs = []
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
        arg_max(change_review.sha, change_review.submitted_at) AS sha
    FROM change
    JOIN change_review USING (provider, scope_unit, change_id)
    WHERE change_review.state <> 'commented' AND change_review.submitted_at <= change.merged_at
    GROUP BY ALL
),

-- Of each change: surely approved, or perhaps, as far as nothing that is known speaks against it.
approved AS (
    SELECT
        change.provider,
        change.scope_unit,
        change.change_id,
        change.row_id,
        author_kind = 'bot' AND list_contains(getvariable('automated'), author) AS automatic,
        count(*) FILTER (
            state = 'approved' AND said.sha = head_sha AND reviewer_kind = 'human'
            AND reviewer <> author AND reviewer IS DISTINCT FROM last_committer
        ) - CASE WHEN last_committer IS NULL THEN 1 ELSE 0 END >= getvariable('approvals') AS surely,
        count(*) FILTER (
            state = 'approved' AND coalesce(said.sha = head_sha, true) AND coalesce(reviewer_kind = 'human', true)
            AND coalesce(reviewer <> author, true) AND reviewer IS DISTINCT FROM last_committer
        ) >= getvariable('approvals') AS perhaps,
        checks = 'success' AND checks_ended_at <= merged_at AS tested
    FROM change
    LEFT JOIN said USING (provider, scope_unit, change_id)
    GROUP BY
        change.provider, change.scope_unit, change.change_id, change.row_id, author_kind, author, last_committer,
        checks, checks_ended_at, merged_at
),

on_branch AS (
    SELECT provider, scope_unit, repo, sha, min(change_id) AS change_id, list(row_id ORDER BY row_id) AS rows
    FROM commit
    GROUP BY provider, scope_unit, repo, sha
),

stretch AS (
    SELECT provider, scope_unit, max(window_from) AS window_from
    FROM snapshot
    GROUP BY provider, scope_unit
),

traced AS (
    SELECT
        deployment.*,
        window_from,
        on_branch.sha IS NOT NULL AS found,
        on_branch.change_id AS change_id,
        approved.change_id IS NOT NULL AS known,
        coalesce(automatic, false) OR surely AS surely,
        coalesce(automatic, false) OR perhaps AS perhaps,
        tested,
        list_concat([deployment.row_id], list_concat(coalesce(on_branch.rows, []),
            CASE WHEN approved.row_id IS NULL THEN [] ELSE [approved.row_id] END)) AS rows
    FROM deployment
    LEFT JOIN stretch USING (provider, scope_unit)
    LEFT JOIN on_branch USING (provider, scope_unit, repo, sha)
    LEFT JOIN approved
        ON deployment.provider = approved.provider AND deployment.scope_unit = approved.scope_unit
        AND on_branch.change_id = approved.change_id
),

trace_judged AS (
    SELECT
        *,
        CASE
            WHEN found AND change_id IS NULL
                THEN {outcome: 'deviation', because: concat('No change is behind its commit ', sha, '.')}
            WHEN NOT found AND committed_at >= window_from
                THEN {outcome: 'deviation', because: concat('Its commit ', sha, ' is on no deployed branch.')}
            WHEN NOT found OR NOT known
                THEN {outcome: 'cannot_tell', because: concat(
                    'Its commit ', coalesce(sha, 'is not given, and'), ' is older than what was collected.')}
            WHEN NOT perhaps
                THEN {outcome: 'deviation', because: concat('Its change ', change_id, ' was not approved as required.')}
            WHEN NOT tested
                THEN {outcome: 'deviation', because: concat(
                    'Its change ', change_id, ' was merged without checks that had succeeded.')}
            WHEN NOT surely OR tested IS NULL
                THEN {outcome: 'cannot_tell', because: concat(
                    'Whether its change ', change_id, ' was approved and tested as required is not given.')}
            ELSE {outcome: 'pass', because: concat('Came through ', change_id, '.')}
        END AS trace,
        CASE
            WHEN list_contains(getvariable('deployers'), deployed_by)
                THEN {outcome: 'pass', because: concat('Deployed by ', deployed_by, ', who may.')}
            WHEN deployed_by IS NULL OR (len(getvariable('deployers')) = 0 AND deployed_by_kind IS NULL)
                THEN {outcome: 'cannot_tell', because: 'Who deployed it is not given.'}
            WHEN len(getvariable('deployers')) = 0 AND deployed_by_kind = 'bot'
                THEN {outcome: 'pass', because: concat('Deployed by ', deployed_by, '.')}
            ELSE {outcome: 'deviation', because: concat(
                'Deployed by ', deployed_by, ', who is neither the pipeline nor on the list of deployers.')}
        END AS hand
    FROM traced
)

SELECT
    provider,
    scope_unit,
    deployment_id AS item,
    CASE
        WHEN NOT production OR status IN ('failure', 'none') THEN 'not_applicable'
        WHEN production IS NULL OR status IS DISTINCT FROM 'success' THEN 'cannot_tell'
        WHEN 'deviation' IN (trace.outcome, hand.outcome) THEN 'deviation'
        WHEN 'cannot_tell' IN (trace.outcome, hand.outcome) THEN 'cannot_tell'
        ELSE 'pass'
    END AS outcome,
    CASE
        WHEN NOT production THEN concat('To ', environment, ', which is not production.')
        WHEN status IN ('failure', 'none') THEN 'It never succeeded.'
        WHEN production IS NULL OR status IS DISTINCT FROM 'success'
            THEN concat('Where it went, or whether it succeeded, is not known yet: ', coalesce(status, 'no state'), '.')
        ELSE concat(trace.because, ' ', hand.because)
    END AS because,
    rows
FROM trace_judged;
