/*
id = "CHG-01"
title = "Protected branches"
statement = "Every branch that is deployed is protected: review needed, checks needed, no force push, and few can bypass."
criteria = ["CC8.1", "CC6.8"]
frequency = "continuous"
nature = "automated"
severity = "critical"
deviation_unit = "one branch below the rule, per day"
evidence = ["github.branch_rules", "github.repos"]
decisions = [
  "Archived and empty repositories have no branch that anything could reach; they are not judged.",
  "All rules on a branch are taken together, of the older and the newer kind; a rule on trial holds nobody back.",
  "Administrators whom a rule does not bind can pass it by, and count as such.",
  "Each outcome is about the moment of one collection; the days between are judged over the period.",
]

[maps]
iso27001_2022 = ["A.8.32", "A.8.4", "A.8.25"]
hipaa = ["164.312(c)(1)"]
gdpr = ["Art. 32"]
eu_ai_act = ["Art. 17"]

[parameters.approvals]
default = 1
unit = "approvals"
meaning = "How many approvals a change must need at least."

[parameters.may_bypass]
default = []
unit = "actors, as the evidence names them"
meaning = "The emergency group and programs that may pass the rules by."
*/

-- Every deployable branch; a repository that should have one and of which none was read keeps a row without it.
WITH guarded AS (
    SELECT
        repository.provider,
        repository.scope_unit,
        concat(repository.repo, '@', coalesce(branch_rule.branch, repository.default_branch)) AS item,
        branch_rule.* EXCLUDE (provider, scope_unit),
        list_filter_out AS strangers,
        list_distinct([repository.row_id, branch_rule.row_id]) AS rows
    FROM repository
    LEFT JOIN branch_rule USING (provider, scope_unit, repo)
    LEFT JOIN LATERAL (
        SELECT [one FOR one IN branch_rule.bypass_actors IF NOT list_contains(getvariable('may_bypass'), one)]
            AS list_filter_out
    ) ON true
    WHERE repository.default_branch IS NOT NULL AND NOT coalesce(repository.archived, false)
),

told AS (
    SELECT
        *,
        concat_ws(
            '; ',
            CASE WHEN approvals < getvariable('approvals')
                THEN concat('needs ', approvals, ' approvals, ', getvariable('approvals'), ' required') END,
            CASE WHEN NOT stale_dismissed THEN 'keeps an approval when the change is changed' END,
            CASE WHEN len(checks) = 0 THEN 'needs no check' END,
            CASE WHEN force_push THEN 'allows force pushes' END,
            CASE WHEN len(strangers) > 0
                THEN concat('can be passed by: ', array_to_string(strangers, ', ')) END
        ) AS faults,
        approvals IS NULL OR stale_dismissed IS NULL OR checks IS NULL OR force_push IS NULL AS unclear
    FROM guarded
),

judged AS (
    SELECT
        *,
        CASE
            WHEN branch IS NULL
                THEN {outcome: 'cannot_tell', because: 'No rule of any of its branches was read.'}
            WHEN NOT protected
                THEN {outcome: 'deviation', because: 'No rule protects it.'}
            WHEN faults <> ''
                THEN {outcome: 'deviation', because: concat('The branch ', faults, '.')}
            WHEN protected IS NULL OR unclear
                THEN {outcome: 'cannot_tell', because: 'Not all of its rules are given.'}
            WHEN bypass_actors IS NULL
                THEN {outcome: 'cannot_tell', because: 'Who may pass its rules by is not shown to a reader.'}
            ELSE {outcome: 'pass', because: concat(
                'Needs ', approvals, ' approvals and ', len(checks), ' checks; ',
                CASE WHEN len(bypass_actors) = 0 THEN 'nobody may pass by.'
                    ELSE concat('may be passed by: ', array_to_string(bypass_actors, ', '), '.') END)}
        END AS verdict
    FROM told
)

SELECT
    provider,
    scope_unit,
    item,
    verdict.outcome AS outcome,
    verdict.because AS because,
    list_filter(rows, lambda one: one IS NOT NULL) AS rows
FROM judged;
