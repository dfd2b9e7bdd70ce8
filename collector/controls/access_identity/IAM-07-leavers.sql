/*
id = "IAM-07"
title = "Leavers lose all access in time"
statement = "When a person leaves, every account they have at the identity provider, clouds and source code host is disabled inside the limit."
criteria = ["CC6.2", "CC6.3", "CC6.5"]
frequency = "per_event"
nature = "it_dependent_manual"
severity = "critical"
deviation_unit = "one leaver with any account past the limit"
evidence = ["agent.identity_map", "hris.roster"]
helps = [
  "okta.log.lifecycle", "entra.directory_audits", "gws.audit.admin", "aws.cloudtrail.iam_events",
  "aws.cloudtrail.root_and_console", "github.audit.membership", "aws.iam.credential_report",
]
across = ["agent.identity_map", "hris.roster"]
decisions = [
  "Each leaver of the people list is an item. The account that lost its access last decides.",
  "When an account lost its access is read from its provider's own log or field where there is one. Where there is none, it lies between the last whole list that showed the account active and the first that did not; where the limit lies in between, it cannot be told.",
  "The limit counts from the end of the last day. An account that is still active before it has passed is not judged yet.",
  "A log that is missing or not whole decides nothing by itself: then the lists give the bounds. A sign-in after the end is a deviation where it is seen.",
  "A leaver to whom no account is linked cannot be told while there is an active account that nobody is known to own.",
  "A service account that a leaver answers for is judged by IAM-10.",
]

[maps]
iso27001_2022 = ["A.5.18", "A.6.5", "A.5.11"]
hipaa = ["164.308(a)(3)(ii)(C)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.sla_hours]
default = 24
unit = "hours"
meaning = "How long after the end of the last day access may remain."
*/

WITH moment AS (
    SELECT max(collected_at) AS at FROM snapshot
),

leaver AS (
    SELECT
        person.*,
        end_date + to_hours(getvariable('sla_hours')) AS deadline,
        moment.at AS now_at
    FROM person
    CROSS JOIN moment
    WHERE end_date <= moment.at
),

held AS (
    SELECT
        identity_link.*,
        leaver.end_date,
        leaver.deadline,
        leaver.now_at,
        concat(
            account_provider, ' ', account_unit, ' ', coalesce(account_name, account_id), ' (',
            coalesce(method, 'linked'), ': ', because, ')'
        ) AS words
    FROM identity_link
    INNER JOIN leaver USING (person_id)
    WHERE state = 'linked' AND account_id <> ''
),

-- What the providers' own logs say of these accounts.
told AS (
    SELECT
        held.row_id AS held_row,
        access_event.row_id,
        access_event.at,
        action IN ('user_reactivated', 'user_created') OR split_part(action, ':', 2) = 'CreateUser' AS gained
    FROM held
    INNER JOIN access_event
        ON held.account_provider = access_event.provider
        AND held.account_unit = access_event.scope_unit
        AND access_event.target IN (held.account_id, held.account_name)
    WHERE
        coalesce(outcome, 'success') = 'success'
        AND (
            action IN ('user_deactivated', 'user_suspended', 'user_deleted', 'user_reactivated', 'user_created')
            OR split_part(action, ':', 2) IN ('DeleteUser', 'CreateUser')
        )
),

gained AS (
    SELECT held_row, max(told.at) AS at FROM told WHERE gained GROUP BY held_row
),

logged AS (
    SELECT told.held_row, min(told.at) AS at, list(told.row_id) AS rows
    FROM told
    LEFT JOIN gained USING (held_row)
    WHERE NOT told.gained AND (gained.at IS NULL OR told.at > gained.at)
    GROUP BY told.held_row
),

used AS (
    SELECT held.row_id AS held_row, max(access_event.at) AS at, list(access_event.row_id) AS rows
    FROM held
    INNER JOIN access_event
        ON held.account_provider = access_event.provider
        AND (
            access_event.actor IN (held.account_id, held.account_name, held.account_email)
            OR access_event.target = held.account_id
        )
    WHERE
        coalesce(outcome, 'success') = 'success'
        AND (action = 'sign_in' OR split_part(action, ':', 2) = 'ConsoleLogin')
        AND access_event.at > held.end_date
    GROUP BY held.row_id
),

keyed AS (
    SELECT held.row_id AS held_row, count(*) AS number, list(credential.row_id) AS rows
    FROM held
    INNER JOIN credential
        ON held.account_provider = credential.provider
        AND held.account_unit = credential.scope_unit
        AND held.account_id = credential.principal_id
    WHERE credential.status = 'active'
    GROUP BY held.row_id
),

-- A list that shows the account active after the time that its provider gives contradicts that time.
timed AS (
    SELECT
        held.*,
        CASE
            WHEN coalesce(logged.at, disabled_at) >= last_active_at OR last_active_at IS NULL
                THEN coalesce(logged.at, disabled_at)
        END AS lost_at,
        used.at AS used_at,
        keyed.number AS keys,
        list_concat(
            [held.row_id], coalesce(logged.rows, []), coalesce(used.rows, []), coalesce(keyed.rows, [])
        ) AS rows
    FROM held
    LEFT JOIN logged ON held.row_id = logged.held_row
    LEFT JOIN used ON held.row_id = used.held_row
    LEFT JOIN keyed ON held.row_id = keyed.held_row
),

account_judged AS (
    SELECT
        person_id,
        rows,
        coalesce(lost_at, inactive_at) AS lost_by,
        words,
        CASE
            WHEN used_at IS NOT NULL
                THEN {outcome: 'deviation', because: concat(
                    'signed in on ', strftime(used_at, '%Y-%m-%d %H:%M'), ', after the end')}
            WHEN keys > 0 AND now_at > deadline
                THEN {outcome: 'deviation', because: concat(keys, ' of its credentials still active')}
            WHEN status = 'active' AND now_at > deadline
                THEN {outcome: 'deviation', because: 'still active'}
            WHEN status = 'active'
                THEN {outcome: 'not_applicable', because: 'still active, before the limit'}
            WHEN lost_at IS NOT NULL
                THEN {
                    outcome: CASE WHEN lost_at <= deadline THEN 'pass' ELSE 'deviation' END,
                    because: concat('lost ', strftime(lost_at, '%Y-%m-%d %H:%M'), ' as its provider says')}
            WHEN present IS NULL OR status IS NULL
                THEN {outcome: 'cannot_tell', because: 'whether it is still active is not given'}
            WHEN inactive_at <= deadline
                THEN {outcome: 'pass', because: concat(
                    'lost before ', strftime(inactive_at, '%Y-%m-%d %H:%M'), ', by the lists')}
            WHEN last_active_at > deadline
                THEN {outcome: 'deviation', because: concat(
                    'still active on ', strftime(last_active_at, '%Y-%m-%d %H:%M'), ', lost before ',
                    strftime(inactive_at, '%Y-%m-%d %H:%M'), ', by the lists')}
            ELSE {outcome: 'cannot_tell', because: concat(
                'lost between ', coalesce(strftime(last_active_at, '%Y-%m-%d %H:%M'), 'an unknown time'), ' and ',
                coalesce(strftime(inactive_at, '%Y-%m-%d %H:%M'), 'an unknown time'), ', by the lists')}
        END AS verdict
    FROM timed
),

ownerless AS (
    SELECT count(*) AS number
    FROM identity_link
    WHERE state IN ('unmapped', 'contradicted') AND status = 'active'
),

-- The last one first: it decides.
summed AS (
    SELECT
        leaver.row_id,
        count(account_judged.person_id) AS accounts,
        count(*) FILTER (verdict.outcome = 'deviation') AS late,
        count(*) FILTER (verdict.outcome = 'cannot_tell') AS unknown,
        count(*) FILTER (verdict.outcome = 'not_applicable') AS waiting,
        string_agg(
            concat(words, ': ', verdict.because), '; '
            ORDER BY verdict.outcome <> 'deviation', lost_by DESC NULLS FIRST, words
        ) AS told,
        coalesce(flatten(list(account_judged.rows) FILTER (account_judged.rows IS NOT NULL)), []) AS rows
    FROM leaver
    LEFT JOIN account_judged USING (person_id)
    GROUP BY leaver.row_id
)

SELECT
    leaver.provider,
    leaver.scope_unit,
    concat('leaver ', leaver.person_id) AS item,
    CASE
        WHEN late > 0 THEN 'deviation'
        WHEN unknown > 0 THEN 'cannot_tell'
        WHEN waiting > 0 THEN 'not_applicable'
        WHEN accounts > 0 THEN 'pass'
        WHEN ownerless.number > 0 THEN 'cannot_tell'
        ELSE 'not_applicable'
    END AS outcome,
    concat(
        'Left by ', strftime(leaver.end_date, '%Y-%m-%d %H:%M'), ', limit ',
        strftime(leaver.deadline, '%Y-%m-%d %H:%M'), '. ',
        CASE
            WHEN accounts > 0 THEN concat(accounts, ' accounts, the last one first: ', told, '.')
            WHEN ownerless.number > 0
                THEN concat('No account is linked to this person, and ', ownerless.number, ' active ones to nobody.')
            ELSE 'No account anywhere is linked to this person.'
        END
    ) AS because,
    list_prepend(leaver.row_id, summed.rows) AS rows
FROM leaver
INNER JOIN summed USING (row_id)
CROSS JOIN ownerless;
