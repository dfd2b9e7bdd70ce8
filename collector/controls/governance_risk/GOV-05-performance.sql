/*
id = "GOV-05"
title = "Performance and accountability"
statement = "Workers are reviewed at least once a year against duties that include security, and breaches of policy have consequences."
criteria = ["CC1.5", "CC1.4"]
frequency = "annual"
nature = "manual"
severity = "low"
deviation_unit = "one person without a review"
evidence = ["hris.roster", "records.performance_reviews", "records.sanctions_log"]
across = ["hris.roster", "records.performance_reviews", "records.sanctions_log"]
decisions = [
  "Judged as of the older of the people list and the reviews; who has not been here for a year then is not judged yet.",
  "The log of sanctions must be there, and may be empty; each entry must say what was done about it.",
]

[maps]
iso27001_2022 = ["A.5.4", "A.6.4"]
hipaa = ["164.308(a)(1)(ii)(C)"]
gdpr = []
eu_ai_act = []

[parameters.every_days]
default = 400
unit = "days"
meaning = "How long ago the last review may have been completed: a year, and the time that a cycle takes."
*/

WITH moment AS (
    SELECT least(
        (SELECT max(coalesce(observed_at, collected_at)) FROM person),
        (SELECT max(coalesce(observed_at, collected_at)) FROM person_check)
    ) AS at
),

reviewed AS (
    SELECT person_id, max(completed_at) AS at, list(row_id) AS rows
    FROM person_check
    WHERE kind = 'performance' AND completed_at IS NOT NULL
    GROUP BY person_id
),

person_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('person ', person_id) AS item,
        CASE
            WHEN start_date IS NULL THEN 'cannot_tell'
            WHEN start_date > moment.at - to_days(365) THEN 'not_applicable'
            WHEN reviewed.at >= moment.at - to_days(getvariable('every_days')) THEN 'pass'
            ELSE 'deviation'
        END AS outcome,
        CASE
            WHEN start_date IS NULL THEN 'The start date is not given.'
            WHEN start_date > moment.at - to_days(365)
                THEN concat('Here since ', strftime(start_date, '%Y-%m-%d'), ', less than a year.')
            WHEN reviewed.at IS NULL THEN 'No completed review is on record.'
            ELSE concat('Last reviewed ', strftime(reviewed.at, '%Y-%m-%d'), '.')
        END AS because,
        list_prepend(row_id, coalesce(reviewed.rows, [])) AS rows
    FROM person
    CROSS JOIN moment
    LEFT JOIN reviewed USING (person_id)
    WHERE end_date IS NULL OR end_date > moment.at
),

sanction_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('sanction ', incident_id) AS item,
        CASE WHEN len(labels) > 0 THEN 'pass' ELSE 'deviation' END AS outcome,
        CASE
            WHEN len(labels) > 0 THEN concat(coalesce(title, 'A breach'), ': ', array_to_string(labels, ', '), '.')
            ELSE concat(coalesce(title, 'A breach'), ': what was done about it is not on record.')
        END AS because,
        [row_id] AS rows
    FROM incident
)

SELECT provider, scope_unit, item, outcome, because, rows FROM person_judged
UNION ALL
SELECT provider, scope_unit, item, outcome, because, rows FROM sanction_judged;
