/*
id = "LOG-09"
title = "Configuration is watched for drift"
statement = "A recorder watches configuration in every unit and rule failures are handled."
criteria = ["CC7.1", "CC6.8", "CC8.1"]
frequency = "continuous"
nature = "automated"
severity = "medium"
deviation_unit = "one unit not recorded, per day"
evidence = [
  "aws.config.recorder", "aws.config.compliance", "gcp.asset.inventory", "gcp.scc.findings", "azure.policy.states", "azure.resources.inventory",
]
decisions = [
  "A unit whose recorders are listed is judged recorder by recorder: one in another region watches nothing in this one.",
  "A unit without any recorder is watched where rules of configuration are evaluated over what is in it; resources over which no rule is evaluated are a deviation.",
  "A recorder of chosen kinds of resources alone is on; whether these kinds are all that matter is not in this evidence.",
  "A failure of high severity that was closed after its limit is a deviation, though it is closed; one that is muted is still open. Failures of lower severity are shown and not judged.",
  "A rule that is kept is no failure and no item.",
  "A rule that was evaluated and has no result is about nothing that is there; one that never was evaluated cannot be told.",
]

[maps]
iso27001_2022 = ["A.8.9"]
hipaa = ["164.308(a)(8)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.evaluated_days]
default = 7
unit = "days"
meaning = "How long ago rules of configuration were last evaluated at most."

[parameters.days]
default = 30
unit = "days"
meaning = "How long a failure of high severity may stay open."

[[unseen]]
part = "a failure that stays open was accepted by approval"
needs = ["records.exception_register"]
*/

WITH recorder AS (
    SELECT
        *,
        list_filter(events, lambda one: one <> '*') AS others
    FROM log_source
    WHERE kind = 'configuration_history' OR kind IS NULL
),

recorder_judged AS (
    SELECT
        provider,
        scope_unit,
        source AS item,
        CASE
            WHEN kind IS NULL
                THEN {outcome: 'cannot_tell', because: 'What it records is not given.'}
            WHEN NOT enabled
                THEN {outcome: 'deviation', because: 'It is not there, or is off, or cannot deliver.'}
            WHEN enabled IS NULL
                THEN {outcome: 'cannot_tell', because: 'Whether it records is not given.'}
            WHEN events IS NULL
                THEN {outcome: 'cannot_tell', because: 'It is on; what it records is not given.'}
            WHEN list_contains(events, '*')
                THEN {outcome: 'pass', because: concat(
                    'It is on, for every kind of resource', nullif(concat(', but ', array_to_string(others, ', ')), ', but '),
                    '.')}
            ELSE {outcome: 'cannot_tell', because: concat(
                'It is on, for ', len(events), ' kinds of resources alone',
                nullif(concat(': ', array_to_string(events, ', ')), ': '), '.')}
        END AS verdict,
        [row_id] AS rows
    FROM recorder
),

unrecorded AS (
    SELECT DISTINCT provider, scope_unit FROM snapshot
    EXCEPT
    SELECT DISTINCT provider, scope_unit FROM recorder
),

evaluated AS (
    SELECT
        provider,
        scope_unit,
        count(*) AS states,
        max(collected_at) AS collected_at,
        max(last_seen_at) AS newest,
        arg_max(row_id, coalesce(last_seen_at, TIMESTAMP '1970-01-01')) AS newest_row
    FROM finding
    WHERE status IS DISTINCT FROM 'not_evaluated'
    GROUP BY provider, scope_unit
),

present AS (
    SELECT provider, scope_unit, count(*) AS assets, min(row_id) AS first_row
    FROM asset
    GROUP BY provider, scope_unit
),

-- Where no recorder is listed: what shows that somebody looks, and what there would be to look at.
unit_judged AS (
    SELECT
        provider,
        scope_unit,
        'configuration of the unit' AS item,
        CASE
            WHEN newest >= collected_at - to_days(getvariable('evaluated_days'))
                THEN {outcome: 'pass', because: concat(
                    'Rules of configuration are evaluated: ', states, ' states are known, the newest of ',
                    strftime(newest, '%Y-%m-%d %H:%M'), '.')}
            WHEN states > 0
                THEN {outcome: 'cannot_tell', because: concat(
                    states, ' states of rules are known', strftime(newest, ', the newest of %Y-%m-%d %H:%M'),
                    '; whether rules are still evaluated is not given.')}
            WHEN assets > 0
                THEN {outcome: 'deviation', because: concat(
                    'All of it was read: there are ', assets,
                    ' resources, no recorder, and no rule of configuration that is evaluated over any of them.')}
            ELSE {outcome: 'cannot_tell', because:
                'All of it was read; there is nothing that watches, and nothing was found that could be watched.'}
        END AS verdict,
        list_filter([if(states > 0, newest_row, first_row)], lambda row: row IS NOT NULL) AS rows
    FROM unrecorded
    LEFT JOIN evaluated USING (provider, scope_unit)
    LEFT JOIN present USING (provider, scope_unit)
),

-- What fails, or failed once. A state that was never anything but kept has no history, and is left out.
failure AS (
    SELECT *, first_seen_at + to_days(getvariable('days')) AS due
    FROM finding
    WHERE
        status IS DISTINCT FROM 'not_evaluated'
        AND (
            status IS DISTINCT FROM 'closed'
            OR first_seen_at IS NOT NULL OR closed_at IS NOT NULL OR severity IS NOT NULL
        )
),

failure_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('finding ', finding_id) AS item,
        CASE
            WHEN status = 'not_applicable'
                THEN {outcome: 'not_applicable', because: 'is exempt from it'}
            WHEN lower(severity) IN ('medium', 'low', 'informational', 'none')
                THEN {outcome: 'not_applicable', because: concat('is of severity ', severity)}
            WHEN severity IS NULL
                THEN {outcome: 'cannot_tell', because: 'how grave that is, is not given'}
            WHEN status IS NULL OR first_seen_at IS NULL
                THEN {outcome: 'cannot_tell', because: 'whether it is over or when it began is not given'}
            WHEN status = 'closed' AND closed_at IS NULL
                THEN {outcome: 'cannot_tell', because: 'it is over; since when is not given'}
            WHEN status = 'closed' AND closed_at > due
                THEN {outcome: 'deviation', because: concat(
                    'fixed ', strftime(closed_at, '%Y-%m-%d'), ', more than ', getvariable('days'), ' days later')}
            WHEN status = 'closed'
                THEN {outcome: 'pass', because: concat('fixed ', strftime(closed_at, '%Y-%m-%d'), ', inside the limit')}
            WHEN collected_at > due
                THEN {outcome: 'deviation', because: concat(
                    'still open ', strftime(collected_at, '%Y-%m-%d'), ', more than ', getvariable('days'),
                    ' days later')}
            ELSE {outcome: 'pass', because: 'open, inside the limit'}
        END AS verdict,
        concat(
            coalesce(asset_id, 'Something'), ' does not keep ', coalesce(rule, 'a rule'),
            strftime(first_seen_at, ', first seen %Y-%m-%d'), ': '
        ) AS which,
        [row_id] AS rows
    FROM failure
),

idle_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('finding ', finding_id) AS item,
        CASE
            WHEN last_seen_at IS NOT NULL
                THEN {outcome: 'not_applicable', because: concat(
                    coalesce(rule, 'A rule'), ' was evaluated ', strftime(last_seen_at, '%Y-%m-%d %H:%M'),
                    ', and has no result: nothing is there that it is about.')}
            ELSE {outcome: 'cannot_tell', because: concat(
                coalesce(rule, 'A rule'), ' has no result, and when it was evaluated is not given.')}
        END AS verdict,
        [row_id] AS rows
    FROM finding
    WHERE status = 'not_evaluated'
),

judged AS (
    SELECT provider, scope_unit, item, '' AS which, verdict, '' AS ending, rows FROM recorder_judged
    UNION ALL SELECT provider, scope_unit, item, '', verdict, '', rows FROM unit_judged
    UNION ALL SELECT provider, scope_unit, item, '', verdict, '', rows FROM idle_judged
    UNION ALL SELECT provider, scope_unit, item, which, verdict, '.', rows FROM failure_judged
)

SELECT
    provider,
    scope_unit,
    item,
    verdict.outcome AS outcome,
    concat(which, verdict.because, ending) AS because,
    rows
FROM judged;
