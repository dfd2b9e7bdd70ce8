/*
id = "IAM-15"
title = "Storage and files are not public by accident"
statement = "Buckets, containers, repositories and shared files holding company data are not public or open to outsiders without approval."
criteria = ["CC6.1", "CC6.7", "C1.1"]
frequency = "continuous"
nature = "automated"
severity = "critical"
deviation_unit = "one unapproved public object"
evidence = ["aws.s3.public_access"]
decisions = [
  "The approved public list is a parameter of this control: it is sealed with every outcome, so that a later approval shows as one.",
  "Stores of every environment are judged: a public store of test data is public too.",
]

[maps]
iso27001_2022 = ["A.8.12", "A.5.14", "A.8.3"]
hipaa = ["164.312(a)(1)", "164.312(e)(1)"]
gdpr = ["Art. 25", "Art. 32"]
eu_ai_act = []

[parameters.approved_public]
default = []
unit = "resource ids"
meaning = "The stores that the company has approved to be public."

[[unseen]]
part = "no repository turned public without an approved request"
needs = ["github.issues.requests"]

[[unseen]]
part = "outside sharing is limited for the whole tenant, and public links to classified files are none or approved"
needs = ["gws.policies", "gws.audit.sharing"]
*/

WITH judged AS (
    SELECT
        *,
        CASE
            WHEN public IS NULL
                THEN {outcome: 'cannot_tell', because: 'Whether the public can reach it is not given.'}
            WHEN NOT public
                THEN {outcome: 'pass', because: 'The public cannot reach it.'}
            WHEN list_contains(getvariable('approved_public'), resource_id)
                THEN {outcome: 'pass', because: 'Public, and on the approved public list.'}
            ELSE {outcome: 'deviation', because: 'Public, and not on the approved public list.'}
        END AS verdict
    FROM resource
)

SELECT
    provider,
    scope_unit,
    resource_id AS item,
    verdict.outcome AS outcome,
    verdict.because AS because,
    [row_id] AS rows
FROM judged;
