/*
id = "GOV-12"
title = "Asset inventory complete and owned"
statement = "Every cloud resource, repository, device and data store in scope is known, with an owner and an environment."
criteria = ["CC6.1", "CC2.1", "CC3.2"]
frequency = "continuous"
nature = "automated"
severity = "high"
deviation_unit = "one unit neither in scope nor excluded"
evidence = [
  "aws.org.accounts", "gcp.org.projects", "github.repos", "gcp.asset.inventory", "azure.subscriptions",
  "azure.resources.inventory", "aws.resources.inventory",
]
helps = ["records.scope_register"]
decisions = [
  "A unit is an account, a project, a subscription or a repository that a provider shows. It is classified by an entry of the scope register that is in force: in scope, or excluded with a reason and an approver.",
  "A unit that the register does not name is a deviation once it is older than the limit; a unit of unknown age is not known to be new.",
  "Where no register is collected, no unit can be told. An entry that excludes without a reason, an approver or a first day classifies nothing.",
  "A unit that is to be deleted, or was, needs no entry.",
  "A resource counts as production unless it is explicitly marked as something else. Owners are judged for each scope as a share; the resources without one are the rows.",
  "Where a recorder of configurations is off, or leaves types out, resources that nobody ever tagged may be missing. They have no owner, so a share that is too small stays so; one that is large enough cannot be told.",
]

[maps]
iso27001_2022 = ["A.5.9", "A.8.1"]
hipaa = ["164.310(d)(2)(iii)"]
gdpr = ["Art. 30"]
eu_ai_act = []

[parameters.owner_pct]
default = 95
unit = "per cent"
meaning = "The least share of production resources that carry an owner."

[parameters.classify_days]
default = 7
unit = "days"
meaning = "How long a new unit may go without an entry in the register."

[parameters.non_production]
default = ["dev", "development", "test", "testing", "staging", "sandbox", "qa"]
unit = "environment names"
meaning = "The environments that are not production."
*/

WITH register AS (
    SELECT coalesce(bool_and(complete) FILTER (evidence_type = 'records.scope_register'), false) AS collected
    FROM snapshot
),

unit AS (
    SELECT provider, scope_unit, unit_id, status, joined_at, collected_at, row_id FROM scope_unit
    UNION ALL
    SELECT
        provider, scope_unit, repo AS unit_id, CASE WHEN archived THEN 'archived' ELSE 'active' END AS status,
        created_at AS joined_at, collected_at, row_id
    FROM repository
),

-- The entries in force for each unit; one that excludes must say why, by whom and since when.
entry AS (
    SELECT
        unit.row_id AS unit_row,
        max(scope_decision.approved_by) AS approved_by,
        max(scope_decision.reason) AS reason,
        bool_or(decision = 'in_scope') AS in_scope,
        bool_or(
            decision = 'excluded' AND trim(reason) <> '' AND trim(approved_by) <> '' AND valid_from IS NOT NULL
        ) AS excluded,
        list(scope_decision.row_id ORDER BY scope_decision.row_id) AS rows
    FROM unit
    INNER JOIN scope_decision
        ON unit.unit_id = scope_decision.unit_id
        AND (valid_from IS NULL OR valid_from <= unit.collected_at)
        AND (valid_to IS NULL OR valid_to > unit.collected_at)
    GROUP BY unit.row_id
),

unit_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('unit ', unit_id) AS item,
        CASE
            WHEN status IN ('suspended', 'pending_closure', 'closed', 'delete_requested', 'deleted')
                THEN {outcome: 'not_applicable', because: concat('Its state is ', status, '.')}
            WHEN coalesce(entry.in_scope, false) AND coalesce(entry.excluded, false)
                THEN {outcome: 'cannot_tell', because: 'The register has it both in scope and excluded.'}
            WHEN entry.in_scope
                THEN {outcome: 'pass', because: 'In scope, as the register says.'}
            WHEN entry.excluded
                THEN {outcome: 'pass', because: concat(
                    'Excluded, approved by ', entry.approved_by, ': ', entry.reason, '.')}
            WHEN NOT register.collected
                THEN {outcome: 'cannot_tell', because: 'Whether it is in scope is not collected: there is no register.'}
            WHEN entry.unit_row IS NOT NULL
                THEN {outcome: 'deviation', because:
                    'Unclassified: its entry in the register lacks a decision, a reason, an approver or a first day.'}
            WHEN joined_at > collected_at - to_days(getvariable('classify_days'))
                THEN {outcome: 'not_applicable', because: concat(
                    'New since ', strftime(joined_at, '%Y-%m-%d'), '; to be classified within ',
                    getvariable('classify_days'), ' days.')}
            ELSE {outcome: 'deviation', because: 'Unclassified: no entry of the register in force names it.'}
        END AS verdict,
        list_prepend(row_id, coalesce(entry.rows, [])) AS rows
    FROM unit
    CROSS JOIN register
    LEFT JOIN entry ON unit.row_id = entry.unit_row
),

owned AS (
    SELECT
        provider,
        scope_unit,
        count(*) AS resources,
        count(*) FILTER (owner IS NOT NULL) AS with_owner,
        list(row_id ORDER BY row_id) FILTER (owner IS NULL) AS rows
    FROM asset
    WHERE NOT coalesce(list_contains(getvariable('non_production'), lower(environment)), false)
    GROUP BY provider, scope_unit
),

-- Where a list of resources rests on a recorder: what it does not record, nobody may have seen.
unrecorded AS (
    SELECT
        provider,
        scope_unit,
        string_agg(source, ', ' ORDER BY source) AS recorders,
        list(row_id ORDER BY row_id) AS rows
    FROM log_source
    WHERE kind = 'configuration_history' AND NOT coalesce(enabled AND events = ['*'], false)
    GROUP BY provider, scope_unit
),

owner_judged AS (
    SELECT
        provider,
        scope_unit,
        'owners of production resources' AS item,
        {
            outcome: CASE
                WHEN with_owner * 100 < resources * getvariable('owner_pct') THEN 'deviation'
                WHEN recorders IS NOT NULL THEN 'cannot_tell'
                ELSE 'pass'
            END,
            because: concat(
                coalesce(with_owner, 0), ' of ', coalesce(resources, 0), ' resources carry an owner; ',
                getvariable('owner_pct'), ' % are required.',
                ' Resources that were never tagged may be missing: not everything is recorded by ' || recorders || '.')
        } AS verdict,
        list_concat(coalesce(owned.rows, []), coalesce(unrecorded.rows, [])) AS rows
    FROM owned
    FULL JOIN unrecorded USING (provider, scope_unit)
),

judged AS (
    SELECT * FROM unit_judged
    UNION ALL SELECT * FROM owner_judged
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows
FROM judged;
