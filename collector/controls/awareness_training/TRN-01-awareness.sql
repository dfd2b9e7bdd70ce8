/*
id = "TRN-01"
title = "Security and privacy awareness for all"
statement = "Every worker completes awareness training soon after joining and every year."
criteria = ["CC1.4", "CC2.2", "CC5.3"]
frequency = "annual"
nature = "it_dependent_manual"
severity = "high"
deviation_unit = "one person late or missing"
evidence = ["hris.roster", "records.training"]
across = ["hris.roster", "records.training"]
decisions = [
  "Judged as of the older of the two lists: what happened after it nobody has shown.",
  "A joiner whose days to complete have not passed is not judged yet; a joiner is who started less than a year before.",
  "Any course counts, or those that the company names.",
]

[maps]
iso27001_2022 = ["A.6.3"]
hipaa = ["164.308(a)(5)(i)"]
gdpr = []
eu_ai_act = ["Art. 4"]

[parameters.join_days]
default = 30
unit = "days"
meaning = "How long after the start date the first training may be completed."

[parameters.every_days]
default = 365
unit = "days"
meaning = "How long ago the last training may have been completed."

[parameters.courses]
default = []
unit = "courses"
meaning = "The courses that count, by name; none named: every course."
*/

WITH moment AS (
    SELECT least(
        (SELECT max(coalesce(observed_at, collected_at)) FROM person),
        (SELECT max(coalesce(observed_at, collected_at)) FROM training)
    ) AS at
),

done AS (
    SELECT
        person_id,
        min(completed_at) AS first_at,
        max(completed_at) AS last_at,
        list(row_id) AS rows
    FROM training
    WHERE
        completed_at IS NOT NULL
        AND (len(getvariable('courses')) = 0 OR list_contains(getvariable('courses'), course))
    GROUP BY person_id
),

worker AS (
    SELECT
        person.*,
        moment.at AS now_at,
        done.first_at,
        done.last_at,
        done.rows AS done_rows,
        start_date + to_days(getvariable('join_days')) AS due_at
    FROM person
    CROSS JOIN moment
    LEFT JOIN done USING (person_id)
    WHERE (start_date IS NULL OR start_date <= moment.at) AND (end_date IS NULL OR end_date > moment.at)
),

judged AS (
    SELECT
        *,
        CASE
            WHEN start_date IS NULL
                THEN {outcome: 'cannot_tell', because: 'The start date is not given.'}
            WHEN start_date > now_at - to_days(365) AND first_at <= due_at
                THEN {outcome: 'pass', because: concat(
                    'Started ', strftime(start_date, '%Y-%m-%d'), ', completed ', strftime(first_at, '%Y-%m-%d'), '.')}
            WHEN start_date > now_at - to_days(365) AND first_at IS NOT NULL
                THEN {outcome: 'deviation', because: concat(
                    'Started ', strftime(start_date, '%Y-%m-%d'), ', completed only ',
                    strftime(first_at, '%Y-%m-%d'), '.')}
            WHEN start_date > now_at - to_days(365) AND due_at >= now_at
                THEN {outcome: 'not_applicable', because: concat('Due ', strftime(due_at, '%Y-%m-%d'), '.')}
            WHEN last_at >= now_at - to_days(getvariable('every_days'))
                THEN {outcome: 'pass', because: concat('Completed ', strftime(last_at, '%Y-%m-%d'), '.')}
            WHEN last_at IS NOT NULL
                THEN {outcome: 'deviation', because: concat(
                    'Last completed ', strftime(last_at, '%Y-%m-%d'), ', more than ', getvariable('every_days'),
                    ' days before ', strftime(now_at, '%Y-%m-%d'), '.')}
            ELSE {outcome: 'deviation', because: concat(
                'Started ', strftime(start_date, '%Y-%m-%d'), '; no completion is on record.')}
        END AS verdict
    FROM worker
)

SELECT
    provider, scope_unit, concat('person ', person_id) AS item,
    verdict.outcome AS outcome, verdict.because AS because, list_prepend(row_id, coalesce(done_rows, [])) AS rows
FROM judged;
