/*
id = "IAM-04"
title = "Admin access held by few, on demand where possible"
statement = "Administrators are few, named, justified and, where the platform offers it, time-bound."
criteria = ["CC6.3", "CC6.1"]
frequency = "continuous"
nature = "it_dependent_manual"
severity = "high"
deviation_unit = "one unjustified privileged grant"
evidence = [
  "aws.iam.authorization_details", "aws.sso.assignments", "aws.iam.credential_report", "okta.admin_roles", "okta.users",
  "entra.role_assignments", "entra.users", "gws.admin_roles", "gcp.iam.policies", "azure.rbac.assignments",
]
decisions = [
  "Each privileged grant to a person is an item of the population, and cannot be told: its justification is not in this evidence.",
  "A privileged role that not only services may take is an item too: people may stand behind it, and who does is not in this evidence. For the same reason the number of administrators cannot be told where there is such a role, unless those known are already too many.",
  "A grant without an end date is permanent: that is what no end means.",
  "Who must first activate a right (`eligible`) does not hold it for good; each such grant is an item all the same.",
  "A platform is one scope (an account, a project, an organisation). Root is judged by IAM-03.",
]

[maps]
iso27001_2022 = ["A.8.2", "A.5.15", "A.5.18"]
hipaa = ["164.308(a)(4)(ii)(B)", "164.308(a)(3)(ii)(A)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.max_permanent]
default = 5
unit = "people"
meaning = "How many people may hold administrator rights for good on one platform."

[[unseen]]
part = "every privileged grant to a person has a justification record in force"
needs = ["records.privileged_justification"]

[[unseen]]
part = "no privileged account is shared or unnamed"
needs = ["hris.account_map"]
*/

-- Which users are people is said by another source than what they may do.
WITH kind_of AS (
    SELECT provider, scope_unit, account_id, min(kind) AS kind, min(coalesce(name, email)) AS name
    FROM account
    WHERE kind IS NOT NULL
    GROUP BY provider, scope_unit, account_id
),

-- Privileged grants, and those of which it is not known, but for the ones that services alone hold.
holding AS (
    SELECT access_grant.*, coalesce(access_grant.principal_kind, kind_of.kind) AS holder, kind_of.name AS holder_name
    FROM access_grant
    LEFT JOIN kind_of
        ON access_grant.provider = kind_of.provider
        AND access_grant.scope_unit = kind_of.scope_unit
        AND access_grant.principal_id = kind_of.account_id
    WHERE (privileged OR privileged IS NULL) AND holder IS DISTINCT FROM 'service'
),

grant_judged AS (
    SELECT
        provider,
        scope_unit,
        source_id AS item,
        'cannot_tell' AS outcome,
        concat(
            coalesce(holder_name, principal_id), ', ', coalesce(role, 'a role without a name'), ' on ',
            coalesce(resource, scope_unit), ': ',
            CASE
                WHEN privileged IS NULL THEN 'whether it is privileged is not given.'
                WHEN holder IS NULL THEN 'privileged; whether a person holds it is not given.'
                WHEN holder = 'human'
                    THEN 'privileged, held by a person; whether it is justified is not collected.'
                WHEN holder = 'group' THEN 'privileged, held by a group of which no member is shown.'
                ELSE concat('privileged, held by a ', holder, '; which people stand behind it is not collected.')
            END
        ) AS because,
        [row_id] AS rows
    FROM holding
),

scope AS (
    SELECT DISTINCT provider, scope_unit FROM snapshot
),

-- Grants may be read in one scope and be about another: then they count where they are about.
placed AS (
    SELECT holding.* REPLACE (coalesce(scope.scope_unit, holding.scope_unit) AS scope_unit)
    FROM holding
    LEFT JOIN scope ON holding.provider = scope.provider AND holding.resource = scope.scope_unit
    WHERE expires_at IS NULL AND coalesce(via NOT LIKE 'eligible%', true)
),

counted AS (
    SELECT
        scope.provider,
        scope.scope_unit,
        count(DISTINCT principal_id) FILTER (privileged AND holder = 'human') AS people,
        count(row_id) FILTER (privileged IS NULL OR holder IS DISTINCT FROM 'human') AS unclear,
        coalesce(list(row_id ORDER BY row_id) FILTER (row_id IS NOT NULL), []) AS rows
    FROM scope
    LEFT JOIN placed USING (provider, scope_unit)
    GROUP BY scope.provider, scope.scope_unit
),

count_judged AS (
    SELECT
        provider,
        scope_unit,
        'number of permanent administrators' AS item,
        CASE
            WHEN people > getvariable('max_permanent') THEN 'deviation'
            WHEN unclear > 0 THEN 'cannot_tell'
            ELSE 'pass'
        END AS outcome,
        concat(
            people, ' people hold privileged rights for good; at most ', getvariable('max_permanent'),
            ' may', CASE WHEN unclear > 0 THEN concat('; ', unclear, ' grants may reach more people') END, '.'
        ) AS because,
        rows
    FROM counted
)

SELECT provider, scope_unit, item, outcome, because, rows FROM grant_judged
UNION ALL
SELECT provider, scope_unit, item, outcome, because, rows FROM count_judged;
