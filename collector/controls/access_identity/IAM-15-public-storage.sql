/*
id = "IAM-15"
title = "Storage and files are not public by accident"
statement = "Buckets, containers, repositories and shared files holding company data are not public or open to outsiders without approval."
criteria = ["CC6.1", "CC6.7", "C1.1"]
frequency = "continuous"
nature = "automated"
severity = "critical"
deviation_unit = "one unapproved public object"
evidence = [
  "aws.s3.public_access", "gws.policies", "gws.audit.sharing", "entra.sharing", "gcp.storage.buckets",
  "azure.storage.accounts",
]
decisions = [
  "The approved public list is a parameter of this control: it is sealed with every outcome, so that a later approval shows as one.",
  "Stores of every environment are judged: a public store of test data is public too.",
  "A file that was opened to anyone, or to somebody outside, is an item of the population. Unless it is on the list it cannot be told: whether it was approved, or closed again since, is not in this evidence.",
  "A part of the organisation in which files may be shared with anyone outside is a deviation, unless it is on the list.",
  "The listed also are guests who are there already: nobody comes in by a file.",
]

[maps]
iso27001_2022 = ["A.8.12", "A.5.14", "A.8.3"]
hipaa = ["164.312(a)(1)", "164.312(e)(1)"]
gdpr = ["Art. 25", "Art. 32"]
eu_ai_act = []

[parameters.approved_public]
default = []
unit = "resource ids"
meaning = "The stores, files and units that the company has approved to be public or open to outsiders."

[[unseen]]
part = "no repository turned public without an approved request"
needs = ["records.access_requests"]

[[unseen]]
part = "public links to classified files, also those made before the logs begin, are none or approved"
needs = []
*/

WITH store_judged AS (
    SELECT
        provider,
        scope_unit,
        resource_id AS item,
        CASE
            WHEN public IS NULL
                THEN {outcome: 'cannot_tell', because: 'Whether the public can reach it is not given.'}
            WHEN NOT public
                THEN {outcome: 'pass', because: 'The public cannot reach it.'}
            WHEN list_contains(getvariable('approved_public'), resource_id)
                THEN {outcome: 'pass', because: 'Public, and on the approved public list.'}
            ELSE {outcome: 'deviation', because: 'Public, and not on the approved public list.'}
        END AS verdict,
        row_id
    FROM resource
),

-- How far files may be shared at all, in each part of an organisation where that is set.
limit_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('sharing outside: ', coalesce(applies_to, source_id)) AS item,
        CASE
            WHEN value IN ('nobody', 'listed')
                THEN {outcome: 'pass', because: concat('Files may be shared outside with ',
                    if(value = 'listed', 'listed organisations only.', 'nobody.'))}
            WHEN list_contains(getvariable('approved_public'), applies_to)
                THEN {outcome: 'pass', because: 'Files may be shared with anyone, and that is on the approved list.'}
            WHEN value = 'anyone'
                THEN {outcome: 'deviation', because: 'Files may be shared with anyone outside.'}
            ELSE {outcome: 'cannot_tell', because: 'With whom files may be shared is not given.'}
        END AS verdict,
        row_id
    FROM setting
    WHERE name = 'sharing.outside'
),

share_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('share ', event_id) AS item,
        CASE
            WHEN list_contains(getvariable('approved_public'), target)
                THEN {outcome: 'pass', because: concat(target, ' is on the approved list.')}
            ELSE {outcome: 'cannot_tell', because: concat(
                coalesce(target, 'A file'), ' was opened to ',
                CASE WHEN action = 'made_public' THEN 'anyone' ELSE 'somebody outside' END,
                coalesce(' by ' || actor, ''), coalesce(strftime(access_event.at, ' on %Y-%m-%d %H:%M'), ''),
                '; whether that was approved, or ended since, is not collected.')}
        END AS verdict,
        row_id
    FROM access_event
    WHERE action IN ('made_public', 'shared_outside')
),

judged AS (
    SELECT * FROM store_judged
    UNION ALL SELECT * FROM limit_judged
    UNION ALL SELECT * FROM share_judged
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, [row_id] AS rows
FROM judged;
