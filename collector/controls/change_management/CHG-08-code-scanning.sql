/*
id = "CHG-08"
title = "Code and dependencies are scanned"
statement = "All in-scope repositories have dependency and code scanning on, and build pipelines run with least rights."
criteria = ["CC8.1", "CC7.1", "CC6.8"]
frequency = "continuous"
nature = "automated"
severity = "medium"
deviation_unit = "one repository without scanning"
evidence = ["github.security_features", "github.org.settings", "aws.ecr.scanning"]
decisions = [
  "Pipelines are limited to an allowed list when only chosen or own actions may run; where no pipeline may run at all, nothing needs a limit.",
]

[maps]
iso27001_2022 = ["A.8.28", "A.8.29", "A.8.8"]
hipaa = []
gdpr = ["Art. 25", "Art. 32"]
eu_ai_act = ["Art. 15"]

[[unseen]]
part = "container images in registries of Google Cloud and Azure are scanned when they are pushed"
needs = []
*/

WITH scanner_judged AS (
    SELECT
        provider,
        scope_unit,
        concat(asset_id, CASE kind
            WHEN 'code' THEN ': code scanning' WHEN 'images' THEN ': image scanning' ELSE ': dependency alerts'
        END) AS item,
        CASE
            WHEN state = 'enabled' THEN {outcome: 'pass', because: 'It is on.'}
            WHEN state = 'disabled' THEN {outcome: 'deviation', because: 'It is off.'}
            WHEN state = 'not_applicable' THEN {outcome: 'not_applicable', because: 'There is nothing to scan.'}
            ELSE {outcome: 'cannot_tell', because: coalesce(because, 'Whether it is on is not given.')}
        END AS verdict,
        row_id
    FROM scanner
    WHERE kind IN ('code', 'dependencies', 'images')
),

pipeline AS (
    SELECT
        provider,
        scope_unit,
        'what pipelines may do by default' AS item,
        CASE
            WHEN value = 'read' THEN {outcome: 'pass', because: 'They may read.'}
            WHEN value IS NULL THEN {outcome: 'cannot_tell', because: 'What they may do is not given.'}
            ELSE {outcome: 'deviation', because: concat('The default is ', value, '.')}
        END AS verdict,
        row_id
    FROM setting
    WHERE name = 'default_workflow_permissions'
),

third_party AS (
    SELECT
        allowed.provider,
        allowed.scope_unit,
        'which actions may run' AS item,
        CASE
            WHEN enabled.value = 'none'
                THEN {outcome: 'not_applicable', because: 'No pipeline may run in any repository.'}
            WHEN allowed.value IN ('selected', 'local_only')
                THEN {outcome: 'pass', because: concat('Limited: ', allowed.value, '.')}
            WHEN allowed.value IS NULL
                THEN {outcome: 'cannot_tell', because: 'Which actions may run is not given.'}
            ELSE {outcome: 'deviation', because: concat('Not limited: ', allowed.value, '.')}
        END AS verdict,
        allowed.row_id
    FROM setting AS allowed
    LEFT JOIN setting AS enabled
        ON
            allowed.provider = enabled.provider
            AND allowed.scope_unit = enabled.scope_unit
            AND enabled.name = 'enabled_repositories'
    WHERE allowed.name = 'allowed_actions'
),

judged AS (
    SELECT * FROM scanner_judged
    UNION ALL SELECT * FROM pipeline
    UNION ALL SELECT * FROM third_party
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, [row_id] AS rows
FROM judged;
