/*
id = "TRN-03"
title = "Policies are accepted"
statement = "Workers accept the policies that bind them on joining and on each new version."
criteria = ["CC1.1", "CC2.2", "CC5.3"]
frequency = "per_event"
nature = "it_dependent_manual"
severity = "medium"
deviation_unit = "one person-policy missing"
evidence = ["hris.roster", "records.policy_acceptance", "records.policies"]
across = ["hris.roster", "records.policy_acceptance", "records.policies"]
decisions = [
  "A policy binds everyone unless its register says that it does not. In force is the version that was approved last.",
  "The days count from the start date or from the approval of the version, whichever is later.",
  "Judged as of the older of the people list and the acceptances.",
]

[maps]
iso27001_2022 = ["A.5.1", "A.6.2", "A.5.10"]
hipaa = ["164.316(b)(2)(ii)"]
gdpr = ["Art. 24"]
eu_ai_act = []

[parameters.days]
default = 30
unit = "days"
meaning = "How long after joining or after a new version a policy may be accepted."
*/

WITH moment AS (
    SELECT least(
        (SELECT max(coalesce(observed_at, collected_at)) FROM person),
        (SELECT max(coalesce(observed_at, collected_at)) FROM acknowledgement)
    ) AS at
),

-- Where nothing says when a version was approved, nothing says which one is in force.
policy AS (
    SELECT
        document,
        max_by(version, approved_at) AS version,
        max(approved_at) AS approved_at,
        bool_or(approved_at IS NULL) AS undated,
        list(row_id) AS rows
    FROM document
    WHERE binding IS DISTINCT FROM false
    GROUP BY document
),

owed AS (
    SELECT
        person.provider,
        person.scope_unit,
        person.row_id,
        person_id,
        start_date,
        policy.*,
        moment.at AS now_at,
        greatest(start_date, policy.approved_at) + to_days(getvariable('days')) AS due_at
    FROM person
    CROSS JOIN policy
    CROSS JOIN moment
    WHERE (start_date IS NULL OR start_date <= moment.at) AND (end_date IS NULL OR end_date > moment.at)
),

accepted AS (
    SELECT
        person_id,
        document,
        version,
        min(accepted_at) AS at,
        list(row_id) AS rows
    FROM acknowledgement
    WHERE accepted_at IS NOT NULL
    GROUP BY person_id, document, version
),

judged AS (
    SELECT
        owed.*,
        accepted.rows AS accepted_rows,
        CASE
            WHEN undated OR start_date IS NULL
                THEN {outcome: 'cannot_tell', because: 'the start date, or when a version was approved, is not given'}
            WHEN accepted.at <= due_at
                THEN {outcome: 'pass', because: concat('accepted ', strftime(accepted.at, '%Y-%m-%d'))}
            WHEN accepted.at IS NOT NULL
                THEN {outcome: 'deviation', because: concat(
                    'due ', strftime(due_at, '%Y-%m-%d'), ', accepted ', strftime(accepted.at, '%Y-%m-%d'))}
            WHEN due_at >= now_at
                THEN {outcome: 'not_applicable', because: concat('due ', strftime(due_at, '%Y-%m-%d'))}
            ELSE {outcome: 'deviation', because: concat('due ', strftime(due_at, '%Y-%m-%d'), ', not accepted')}
        END AS verdict
    FROM owed
    LEFT JOIN accepted
        ON owed.person_id = accepted.person_id
        AND owed.document = accepted.document
        AND owed.version IS NOT DISTINCT FROM accepted.version
)

SELECT
    provider,
    scope_unit,
    concat('person ', person_id, ': ', document) AS item,
    verdict.outcome AS outcome,
    concat(coalesce('Version ' || version || ': ', 'The version in force: '), verdict.because, '.') AS because,
    list_concat([row_id], rows, coalesce(accepted_rows, [])) AS rows
FROM judged;
