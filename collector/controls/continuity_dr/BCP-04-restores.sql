/*
id = "BCP-04"
title = "Restores are tested"
statement = "Restores from backup are tested at least twice a year per critical store and reach the recovery targets."
criteria = ["A1.3", "A1.2", "CC7.5"]
frequency = "semiannual"
nature = "it_dependent_manual"
severity = "high"
deviation_unit = "one store-half without a good test"
evidence = ["gcp.restore_operations", "records.restore_test", "azure.backup.jobs", "aws.backup.restore_jobs"]
across = ["records.restore_test"]
decisions = [
  "A test is what somebody wrote down, or what a cloud restored by a plan that is there only to test: any other restore that a cloud shows says that data came back, and not that anybody looked at it.",
  "A test by a plan is good when what came back passed the check that the company has for it. Without a check it is like any other restore.",
  "A test by a plan counts for its store as long as its cloud remembers it; an older one has to be written down.",
  "Each test on record is an item. One that was written down is good when the restore succeeded and a person vouches for it.",
  "Each store on the list of critical ones is an item too, and needs a good test within the days.",
  "A restore that a cloud shows as failed is a deviation, whether or not it was meant as a test.",
]

[maps]
iso27001_2022 = ["A.8.13", "A.5.30"]
hipaa = ["164.308(a)(7)(ii)(D)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.critical]
default = []
unit = "resource ids or systems, as the tests name them"
meaning = "The stores that are rated critical."

[parameters.days]
default = 183
unit = "days"
meaning = "How old the last good test of a critical store may be."

[[unseen]]
part = "the time it took and the data lost meet the recovery targets"
needs = ["records.bcp"]
*/

WITH test AS (
    SELECT
        *,
        evidence_type = 'records.restore_test' AS written_down,
        evidence_type <> 'records.restore_test' AND test_plan IS NOT NULL AS by_plan,
        restored_ok AND if(
            evidence_type = 'records.restore_test',
            trim(coalesce(verified_by, '')) <> '',
            test_plan IS NOT NULL AND coalesce(validated, false)
        ) AS good
    FROM restore_test
),

test_judged AS (
    SELECT
        provider,
        scope_unit,
        concat(if(written_down OR by_plan, 'test ', 'restore '), test_id) AS item,
        CASE
            WHEN NOT restored_ok
                THEN {outcome: 'deviation', because: 'The restore failed.'}
            WHEN restored_ok IS NULL
                THEN {outcome: 'cannot_tell', because: 'Whether it succeeded is not given.'}
            WHEN by_plan AND NOT validated
                THEN {outcome: 'deviation', because: 'It was restored, and what came back did not pass its check.'}
            WHEN by_plan AND good
                THEN {outcome: 'pass', because: concat(
                    'It succeeded', coalesce(strftime(tested_at, ' on %Y-%m-%d'), ''),
                    ', and what came back passed its check.')}
            WHEN NOT written_down
                THEN {outcome: 'pass', because: concat(
                    'The restore succeeded', coalesce(strftime(tested_at, ' on %Y-%m-%d'), ''), '.')}
            WHEN good
                THEN {outcome: 'pass', because: concat(
                    'It succeeded', coalesce(strftime(tested_at, ' on %Y-%m-%d'), ''), '; ', verified_by,
                    ' vouches for it.')}
            ELSE {outcome: 'deviation', because: 'It succeeded, and nobody vouches for it.'}
        END AS verdict,
        [row_id] AS rows
    FROM test
),

-- The register of tests is one scope; a store on the list is judged there.
register AS (
    SELECT provider, scope_unit, max(collected_at) AS collected_at
    FROM snapshot
    WHERE evidence_type = 'records.restore_test'
    GROUP BY provider, scope_unit
),

wanted AS (
    SELECT provider, scope_unit, collected_at, unnest(getvariable('critical')) AS store FROM register
),

-- Where restores could not all be read, a good test may be among those that nobody has seen.
unread AS (
    SELECT count(*) > 0 AS restores FROM snapshot WHERE NOT complete AND evidence_type <> 'records.restore_test'
),

store_judged AS (
    SELECT
        wanted.provider,
        wanted.scope_unit,
        concat('store ', store) AS item,
        CASE
            WHEN max(test.tested_at) FILTER (good) >= max(wanted.collected_at) - to_days(getvariable('days'))
                THEN {outcome: 'pass', because: concat(
                    'Last good test on ', strftime(max(test.tested_at) FILTER (good), '%Y-%m-%d'), '.')}
            WHEN count(*) FILTER (good AND test.tested_at IS NULL) > 0
                THEN {outcome: 'cannot_tell', because: 'There is a good test; when it was is not given.'}
            WHEN bool_or(unread.restores)
                THEN {outcome: 'cannot_tell', because: 'No good test was seen, and not every restore could be read.'}
            WHEN count(test.row_id) FILTER (good) > 0
                THEN {outcome: 'deviation', because: concat(
                    'Last good test on ', strftime(max(test.tested_at) FILTER (good), '%Y-%m-%d'), ', more than ',
                    getvariable('days'), ' days before.')}
            ELSE {outcome: 'deviation', because: 'No good test is on record.'}
        END AS verdict,
        coalesce(list(test.row_id ORDER BY test.row_id) FILTER (test.row_id IS NOT NULL), []) AS rows
    FROM wanted
    CROSS JOIN unread
    LEFT JOIN test ON (written_down OR by_plan) AND test.resource_id = store
    GROUP BY wanted.provider, wanted.scope_unit, store
),

judged AS (
    SELECT * FROM test_judged
    UNION ALL SELECT * FROM store_judged
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows
FROM judged;
