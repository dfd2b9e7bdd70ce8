/*
id = "GOV-04"
title = "Screening, contracts and job descriptions for joiners"
statement = "Before or soon after starting, each worker is screened as the law allows, signs confidentiality terms and has a job description."
criteria = ["CC1.4", "CC1.1"]
frequency = "per_event"
nature = "manual"
severity = "medium"
deviation_unit = "one joiner with a missing or late item"
evidence = ["hris.roster", "records.background_checks", "records.contracts_signed", "records.job_descriptions"]
across = ["hris.roster", "records.background_checks", "records.contracts_signed", "records.job_descriptions"]
decisions = [
  "A joiner is who started within the days looked back at, up to the time of the people list.",
  "Only that a check was completed counts, never what it found.",
  "A job description is there where one bears the person's job title and was approved.",
]

[maps]
iso27001_2022 = ["A.6.1", "A.6.2", "A.6.6"]
hipaa = ["164.308(a)(3)(ii)(B)"]
gdpr = []
eu_ai_act = []

[parameters.check_days]
default = 0
unit = "days"
meaning = "How long after the start date the check may be completed."

[parameters.lookback_days]
default = 365
unit = "days"
meaning = "How far back joiners are looked for."
*/

WITH moment AS (
    SELECT max(coalesce(observed_at, collected_at)) AS at FROM person
),

joiner AS (
    SELECT person.*, moment.at AS now_at
    FROM person
    CROSS JOIN moment
    WHERE start_date IS NULL OR (start_date <= moment.at AND start_date > moment.at - to_days(getvariable('lookback_days')))
),

checked AS (
    SELECT person_id, min(completed_at) AS at, list(row_id) AS rows
    FROM person_check
    WHERE kind = 'background' AND completed_at IS NOT NULL
    GROUP BY person_id
),

signed AS (
    SELECT person_id, min(accepted_at) AS at, list(row_id) AS rows
    FROM acknowledgement
    WHERE accepted_at IS NOT NULL
    GROUP BY person_id
),

described AS (
    SELECT lower(document) AS title, min(approved_at) AS at, list(row_id) AS rows
    FROM document
    WHERE approved_at IS NOT NULL
    GROUP BY lower(document)
),

judged AS (
    SELECT
        joiner.*,
        list_filter([
            CASE
                WHEN checked.at IS NULL THEN 'no completed check is on record'
                WHEN checked.at > start_date + to_days(getvariable('check_days') + 1)
                    THEN concat('the check was completed only ', strftime(checked.at, '%Y-%m-%d'))
            END,
            CASE
                WHEN signed.at IS NULL THEN 'no signed terms are on record'
                WHEN signed.at >= start_date + to_days(1)
                    THEN concat('the terms were signed only ', strftime(signed.at, '%Y-%m-%d'))
            END,
            CASE WHEN job_title IS NOT NULL AND described.at IS NULL THEN concat('no approved description of ', job_title) END
        ], lambda fault: fault IS NOT NULL) AS faults,
        list_concat(coalesce(checked.rows, []), coalesce(signed.rows, []), coalesce(described.rows, [])) AS other_rows
    FROM joiner
    LEFT JOIN checked USING (person_id)
    LEFT JOIN signed USING (person_id)
    LEFT JOIN described ON lower(joiner.job_title) = described.title
)

SELECT
    provider,
    scope_unit,
    concat('joiner ', person_id) AS item,
    CASE
        WHEN start_date IS NULL THEN 'cannot_tell'
        WHEN len(faults) > 0 THEN 'deviation'
        WHEN job_title IS NULL THEN 'cannot_tell'
        ELSE 'pass'
    END AS outcome,
    CASE
        WHEN start_date IS NULL THEN 'The start date is not given.'
        ELSE concat(
            'Started ', strftime(start_date, '%Y-%m-%d'), ': ',
            CASE
                WHEN len(faults) > 0 THEN array_to_string(faults, '; ')
                WHEN job_title IS NULL THEN 'checked and signed in time; the job title is not given'
                ELSE 'checked, signed and described in time'
            END, '.')
    END AS because,
    list_prepend(row_id, other_rows) AS rows
FROM judged;
