/*
id = "CHG-04"
title = "Emergency and bypassed changes are reviewed afterwards"
statement = "Changes that skipped a rule are marked, explained and reviewed after the fact inside the limit."
criteria = ["CC8.1", "CC4.2"]
frequency = "per_event"
nature = "it_dependent_manual"
severity = "high"
deviation_unit = "one bypass without later review"
evidence = ["github.rule_suites.bypass", "github.audit.overrides", "github.pulls.merged", "github.issues.requests"]
decisions = [
  "The later review is an approval of the change itself, or a ticket about it that was closed, by a person who neither made it nor passed the rule by.",
  "Business days are Monday to Friday, by the calendar of UTC.",
  "An emergency that another person had approved on its last commit before it was merged skipped nothing.",
  "Several events of one change are one item; a bypass with no change behind it, and a rule that was changed or removed, are items of their own.",
]

[maps]
iso27001_2022 = ["A.8.32"]
hipaa = []
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.days]
default = 2
unit = "business days"
meaning = "How soon a change that skipped a rule must have been reviewed."

[[unseen]]
part = "every bypass and every emergency has a ticket with a reason, wherever tickets are kept"
needs = ["records.change_tickets"]
*/

-- Who passed the rules by for which commit. Both sources may tell of the same event.
WITH passed AS (
    SELECT
        bypass.*,
        change.change_id AS change_id
    FROM bypass
    LEFT JOIN change
        ON bypass.provider = change.provider AND bypass.scope_unit = change.scope_unit
        AND bypass.repo = change.repo AND bypass.sha = change.merge_sha
),

passed_change AS (
    SELECT
        provider,
        scope_unit,
        change_id,
        string_agg(DISTINCT actor, ', ' ORDER BY actor) AS actors,
        list(DISTINCT actor) AS actor_list,
        list(row_id ORDER BY row_id) AS rows
    FROM passed
    WHERE change_id IS NOT NULL
    GROUP BY provider, scope_unit, change_id
),

-- The changes that skipped something, or say that they are emergencies.
skipping AS (
    SELECT
        change.*,
        passed_change.actors,
        coalesce(passed_change.actor_list, []) AS actor_list,
        coalesce(passed_change.rows, []) AS bypass_rows
    FROM change
    LEFT JOIN passed_change USING (provider, scope_unit, change_id)
    WHERE passed_change.change_id IS NOT NULL OR (emergency AND coalesce(deployable, true))
),

-- Approvals of a change, and tickets about it that a person closed.
looked_at AS (
    SELECT provider, scope_unit, change_id, submitted_at AS at, reviewer AS person, sha, row_id
    FROM change_review
    WHERE state = 'approved' AND reviewer_kind = 'human'
    UNION ALL
    SELECT provider, scope_unit, unnest(refers_to) AS change_id, closed_at AS at, closed_by AS person, NULL AS sha, row_id
    FROM approval
    WHERE type IN ('change', 'emergency') AND closed_by_kind = 'human'
),

reviewed AS (
    SELECT
        skipping.*,
        bool_or(looked_at.at <= merged_at AND looked_at.sha = head_sha) AS before,
        min(looked_at.at) FILTER (looked_at.at > merged_at) AS later,
        arg_min(looked_at.person, looked_at.at) FILTER (looked_at.at > merged_at) AS later_by,
        coalesce(
            list(DISTINCT looked_at.row_id ORDER BY looked_at.row_id) FILTER (looked_at.row_id IS NOT NULL), []
        ) AS review_rows
    FROM skipping
    LEFT JOIN looked_at
        ON skipping.provider = looked_at.provider AND skipping.scope_unit = looked_at.scope_unit
        AND skipping.change_id = looked_at.change_id
        AND looked_at.person <> skipping.author
        AND looked_at.person IS DISTINCT FROM skipping.last_committer
        AND NOT list_contains(skipping.actor_list, looked_at.person)
    GROUP BY ALL
),

-- Business days from the day of the merge to that of the review, or to that of the collection.
counted AS (
    SELECT
        *,
        len([
            day FOR day IN generate_series(
                merged_at::DATE + 1, coalesce(later, collected_at)::DATE, INTERVAL 1 DAY
            ) IF isodow(day) < 6
        ]) AS business_days,
        concat(
            CASE WHEN actors IS NOT NULL THEN concat('Merged past protection by ', actors, '; ') END,
            CASE WHEN emergency THEN 'marked as an emergency; ' ELSE '' END
        ) AS told
    FROM reviewed
),

change_judged AS (
    SELECT
        provider,
        scope_unit,
        change_id AS item,
        CASE
            WHEN merged_at IS NULL OR author IS NULL
                THEN {outcome: 'cannot_tell', because: 'Who made it, or when it was merged, is not given.'}
            WHEN actors IS NULL AND before
                THEN {outcome: 'pass', because: 'Marked as an emergency; approved by another person before the merge.'}
            WHEN later IS NOT NULL AND business_days <= getvariable('days')
                THEN {outcome: 'pass', because: concat(
                    told, 'reviewed by ', later_by, ' on ', strftime(later, '%Y-%m-%d %H:%M'), '.')}
            WHEN later IS NOT NULL
                THEN {outcome: 'deviation', because: concat(
                    told, 'reviewed by ', later_by, ' on ', strftime(later, '%Y-%m-%d %H:%M'), ', after ',
                    business_days, ' business days; ', getvariable('days'), ' are allowed.')}
            WHEN business_days <= getvariable('days')
                THEN {outcome: 'cannot_tell', because: concat(told, 'the time to review it is not over.')}
            ELSE {outcome: 'deviation', because: concat(told, 'no other person reviewed it afterwards.')}
        END AS verdict,
        list_concat([row_id], list_concat(bypass_rows, review_rows)) AS rows
    FROM counted
),

stretch AS (
    SELECT provider, scope_unit, max(window_from) AS window_from
    FROM snapshot
    GROUP BY provider, scope_unit
),

-- What was passed by with no change behind it.
loose AS (
    SELECT
        provider,
        scope_unit,
        concat(coalesce(repo, 'no repository'), ' ', coalesce(sha, bypass_id)) AS item,
        bool_or(action IN ('rule_changed', 'rule_removed')) AS rule,
        bool_or(action IN ('push', 'merge') AND (sha IS NULL OR NOT coalesce(passed.at >= window_from, false))) AS unclear,
        string_agg(
            concat(action, ' by ', coalesce(actor, 'an unknown account'), coalesce(' on ' || branch, ''), ', ',
                coalesce(strftime(passed.at, '%Y-%m-%d %H:%M'), 'at an unknown time')),
            '; ' ORDER BY bypass_id
        ) AS told,
        list(row_id ORDER BY row_id) AS rows
    FROM passed
    LEFT JOIN stretch USING (provider, scope_unit)
    WHERE change_id IS NULL
    GROUP BY provider, scope_unit, item
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows FROM change_judged
UNION ALL
SELECT
    provider,
    scope_unit,
    item,
    CASE WHEN rule OR unclear THEN 'cannot_tell' ELSE 'deviation' END AS outcome,
    CASE
        WHEN rule THEN concat('A rule was changed (', told, '); who reviewed that is not in this evidence.')
        WHEN unclear THEN concat('Rules were passed by (', told, '); for which commit is not given.')
        ELSE concat('Rules were passed by (', told, ') with no change behind it that anybody could review.')
    END AS because,
    rows
FROM loose;
