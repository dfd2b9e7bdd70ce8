/*
id = "LOG-03"
title = "Logs are kept long enough"
statement = "Security logs are kept for at least a year and can be searched for 90 days."
criteria = ["CC7.3", "CC7.2", "C1.1"]
frequency = "continuous"
nature = "automated"
severity = "high"
deviation_unit = "one store under the limit"
evidence = [
  "aws.logs.retention", "aws.s3.log_bucket_protection", "azure.diagnostics", "azure.storage.immutability",
  "gcp.audit.config",
]
decisions = [
  "Every store of logs that the evidence lists is judged: which of them hold security events is not in it. Those that hold none are a parameter, which is sealed with every outcome.",
  "A store that nothing deletes from keeps what it has.",
  "Whether a store reaches 90 days beyond the audit period follows from the days, once the period is known; raise the parameter to hold stores to that.",
]

[maps]
iso27001_2022 = ["A.8.15", "A.5.33"]
hipaa = ["164.316(b)(2)(i)", "164.312(b)"]
gdpr = ["Art. 5"]
eu_ai_act = ["Art. 19"]

[parameters.days]
default = 365
unit = "days"
meaning = "How long security logs are kept at least."

[parameters.no_security]
default = []
unit = "stores, as the evidence names them"
meaning = "The stores that hold no security events."

*/

WITH judged AS (
    SELECT
        provider,
        scope_unit,
        concat('store ', store) AS item,
        CASE
            WHEN list_contains(getvariable('no_security'), store)
                THEN {outcome: 'not_applicable', because: 'On the list of stores without security events.'}
            WHEN keeps_forever
                THEN {outcome: 'pass', because: 'Nothing is deleted from it.'}
            WHEN retention_days >= getvariable('days')
                THEN {outcome: 'pass', because: concat('Kept ', retention_days, ' days.')}
            WHEN retention_days IS NOT NULL
                THEN {outcome: 'deviation', because: concat(
                    'Kept ', retention_days, ' days; at least ', getvariable('days'), ' are required.')}
            ELSE {outcome: 'cannot_tell', because: 'How long it keeps what it has is not given.'}
        END AS verdict,
        row_id
    FROM log_store
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, [row_id] AS rows
FROM judged;
