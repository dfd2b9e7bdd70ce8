/*
id = "IAM-08"
title = "No terminated or unknown person is active anywhere"
statement = "Each day, active accounts everywhere are compared with the current workforce; leftovers and unmapped accounts are found and removed."
criteria = ["CC6.2", "CC6.3", "CC6.1"]
frequency = "daily"
nature = "automated"
severity = "critical"
deviation_unit = "one active account of a leaver, per day"
evidence = ["agent.identity_map", "hris.roster"]
across = ["agent.identity_map", "hris.roster"]
decisions = [
  "Each account of the map is an item, but for those that are not active: what became of a leaver's is judged by IAM-07.",
  "An account that nothing links to a person cannot be told until the days to settle it have passed; then it is a deviation. So is one of which two people could be the owner.",
  "An outsider's account passes where the company's own map names a person who answers for it and works here.",
  "A people list that is older than its limit says nothing of who works here now.",
  "The people list is held against the one before it: opening and joiners less leavers must be closing, and everyone who came or went must have a date that says so. A first list has nothing to be held against.",
]

[maps]
iso27001_2022 = ["A.5.16", "A.5.18"]
hipaa = ["164.308(a)(3)(ii)(C)", "164.312(a)(2)(i)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.map_days]
default = 7
unit = "days"
meaning = "How long an account may be there before it is known whose it is."

[parameters.roster_days]
default = 35
unit = "days"
meaning = "How old the people list may be when accounts are held against it."
*/

WITH moment AS (
    SELECT max(collected_at) AS at FROM snapshot
),

held AS (
    SELECT
        identity_link.*,
        person.row_id AS person_row,
        person.start_date,
        person.end_date,
        moment.at AS now_at,
        (SELECT max(as_of) FROM headcount) < moment.at - to_days(getvariable('roster_days')) AS stale
    FROM identity_link
    CROSS JOIN moment
    LEFT JOIN person USING (person_id)
    WHERE account_id <> '' AND present IS DISTINCT FROM false
),

account_judged AS (
    SELECT
        provider,
        scope_unit,
        concat(account_provider, ' ', account_unit, ' ', account_id) AS item,
        account_name,
        CASE
            WHEN status IN ('disabled', 'suspended', 'deleted')
                THEN {outcome: 'not_applicable', because: concat('The account is ', status, '.')}
            WHEN present IS NULL OR status IS NULL
                THEN {outcome: 'cannot_tell', because: 'Whether it is active is not given.'}
            WHEN state = 'service'
                THEN {outcome: 'not_applicable', because: concat('Not a person''s: ', because, '.')}
            WHEN state = 'shared'
                THEN {outcome: 'deviation', because: 'The company''s map says that several people share it.'}
            WHEN state IN ('unmapped', 'contradicted') AND first_seen_at < now_at - to_days(getvariable('map_days'))
                THEN {outcome: 'deviation', because: concat(
                    upper(because[1]), because[2:], '; there since ', strftime(first_seen_at, '%Y-%m-%d'), '.')}
            WHEN state IN ('unmapped', 'contradicted')
                THEN {outcome: 'cannot_tell', because: concat(
                    upper(because[1]), because[2:], '; first seen ', strftime(first_seen_at, '%Y-%m-%d'), '.')}
            WHEN end_date <= now_at
                THEN {outcome: 'deviation', because: concat(
                    'Active, and ', person_id, ' left by ', strftime(end_date, '%Y-%m-%d'), ' (',
                    coalesce(method, state), ': ', because, ').')}
            WHEN stale IS DISTINCT FROM false
                THEN {outcome: 'cannot_tell', because: concat(
                    'Of ', coalesce(person_id, 'nobody'), '; the people list is older than ',
                    getvariable('roster_days'), ' days.')}
            WHEN person_row IS NULL
                THEN {outcome: 'deviation', because: 'Nobody of the people list answers for it.'}
            ELSE {outcome: 'pass', because: concat(
                'Of ', person_id, ', who works here (', coalesce(method, state), ': ', because, ').')}
        END AS verdict,
        list_filter([row_id, person_row], lambda row: row IS NOT NULL) AS rows
    FROM held
),

without_account AS (
    SELECT
        identity_link.provider,
        identity_link.scope_unit,
        concat('person ', person_id) AS item,
        {outcome: 'not_applicable', because: 'No account anywhere is linked to this person.'} AS verdict,
        list_filter([identity_link.row_id, person.row_id], lambda row: row IS NOT NULL) AS rows
    FROM identity_link
    LEFT JOIN person USING (person_id)
    WHERE state = 'no_account'
),

reconciled AS (
    SELECT
        provider,
        scope_unit,
        'people list: opening + joiners - leavers = closing' AS item,
        CASE
            WHEN since IS NULL
                THEN {outcome: 'cannot_tell', because: concat(
                    'The first list, ', closing, ' people on ', strftime(as_of, '%Y-%m-%d'),
                    ': there is none before it.')}
            WHEN len(unexplained) > 0 OR opening + joiners - leavers <> closing
                THEN {outcome: 'deviation', because: concat(
                    opening, ' + ', joiners, ' - ', leavers, ' against ', closing, ' from ',
                    strftime(since, '%Y-%m-%d'), ' to ', strftime(as_of, '%Y-%m-%d'),
                    '; came or went without a date that says so: ', array_to_string(unexplained, ', '), '.')}
            ELSE {outcome: 'pass', because: concat(
                opening, ' + ', joiners, ' - ', leavers, ' = ', closing, ' from ', strftime(since, '%Y-%m-%d'),
                ' to ', strftime(as_of, '%Y-%m-%d'), '.')}
        END AS verdict,
        [row_id] AS rows
    FROM headcount
)

SELECT
    provider, scope_unit, item, verdict.outcome AS outcome,
    concat(account_name || ': ', verdict.because) AS because, rows
FROM account_judged
UNION ALL
SELECT provider, scope_unit, item, verdict.outcome, verdict.because, rows FROM without_account
UNION ALL
SELECT provider, scope_unit, item, verdict.outcome, verdict.because, rows FROM reconciled;
