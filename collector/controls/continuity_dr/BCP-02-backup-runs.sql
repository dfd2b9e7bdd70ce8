/*
id = "BCP-02"
title = "Backups really run"
statement = "Each expected backup in the period succeeded, or failed and was re-run, and repeated failures were handled."
criteria = ["A1.2", "CC7.5", "CC9.1"]
frequency = "daily"
nature = "automated"
severity = "high"
deviation_unit = "one slot without success or explanation"
evidence = ["aws.backup.jobs", "aws.backup.plans", "gcp.sql.backup_runs", "azure.backup.jobs", "azure.backup.items"]
decisions = [
  "A backup that completed with issues is a deviation: some of what was to be backed up is not in it.",
  "A failure that was not run again in time is a deviation even where an incident explains it: the explanation stands beside it in the register.",
  "The next slot's own backup is no second run: where the plan is known, a success counts only within three quarters of its interval.",
  "A job that is still running cannot be told; the next collection judges it. Nor can a failure whose time to be run again is not over.",
  "Slots are counted from the first job that was seen: a plan may be younger than the window, and says nothing of its age. A store with a plan and no job at all in the window can therefore not be told.",
  "A slot is missed where the next job comes more than one and a half intervals later.",
  "The monthly rate is that of the window, which is as long as the source remembers; in a window of less than 28 days it cannot be told.",
]

[maps]
iso27001_2022 = ["A.8.13"]
hipaa = ["164.308(a)(7)(ii)(A)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.hours]
default = 24
unit = "hours"
meaning = "How soon a failed backup must have been run again with success."

[parameters.pct]
default = 98
unit = "per cent"
meaning = "The least share of a month's backups that succeed, run-again ones included."

[[unseen]]
part = "repeated failures were handled as an incident"
needs = ["records.incident_register"]
*/

-- What was asked for: the stretch of time that the jobs are from.
WITH stretch AS (
    SELECT provider, scope_unit, max(window_from) AS window_from, max(window_to) AS window_to
    FROM snapshot
    GROUP BY provider, scope_unit
    HAVING max(window_to) IS NOT NULL
),

job AS (
    SELECT backup_job.*, window_from, window_to
    FROM backup_job
    LEFT JOIN stretch USING (provider, scope_unit)
),

-- How often each store is to be backed up by jobs: the shortest interval of its plans. Continuous ones have no slots.
planned AS (
    SELECT
        provider,
        scope_unit,
        resource_id,
        min(frequency_hours) AS frequency_hours,
        list(row_id ORDER BY row_id) AS rows
    FROM backup_plan
    WHERE source LIKE 'plan %' AND NOT coalesce(pitr, false)
    GROUP BY provider, scope_unit, resource_id
),

-- The first success for the same store after each job that did not succeed.
again AS (
    SELECT job.provider, job.scope_unit, job.job_id, min_by(later, later.started_at) AS success
    FROM job
    LEFT JOIN planned USING (provider, scope_unit, resource_id)
    INNER JOIN job AS later
        ON job.provider = later.provider
        AND job.scope_unit = later.scope_unit
        AND job.resource_id = later.resource_id
        AND later.state = 'success'
        AND later.started_at > job.started_at
        AND later.started_at <= job.started_at + to_hours(getvariable('hours'))
        AND (frequency_hours IS NULL OR later.started_at < job.started_at + to_minutes(frequency_hours * 45))
    WHERE job.state IN ('failed', 'aborted')
    GROUP BY job.provider, job.scope_unit, job.job_id
),

job_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('job ', job.job_id) AS item,
        CASE
            WHEN job.state IS NULL
                THEN {outcome: 'cannot_tell', because: 'How it ended is not given.'}
            WHEN job.state = 'success'
                THEN {outcome: 'pass', because: 'Succeeded.'}
            WHEN job.state = 'issues'
                THEN {outcome: 'deviation', because: 'Completed with issues.'}
            WHEN job.state = 'running'
                THEN {outcome: 'cannot_tell', because: 'Was still running when it was read.'}
            WHEN job.state NOT IN ('failed', 'aborted')
                THEN {outcome: 'cannot_tell', because: concat('Is in the state ', job.state, '.')}
            WHEN success IS NOT NULL
                THEN {outcome: 'pass', because: concat(
                    'Did not succeed (', job.state, '); run again with success on ',
                    strftime(success.started_at, '%Y-%m-%d %H:%M'), ' (', success.job_id, ').')}
            WHEN job.resource_id IS NULL OR job.started_at IS NULL
                THEN {outcome: 'cannot_tell', because: concat(
                    'Did not succeed (', job.state, '); whether it was run again cannot be seen, for lack of its ',
                    'store or time.')}
            WHEN window_to IS NULL OR window_to < job.started_at + to_hours(getvariable('hours'))
                THEN {outcome: 'cannot_tell', because: concat(
                    'Did not succeed (', job.state, '); there was still time to run it again when it was read.')}
            ELSE {outcome: 'deviation', because: concat(
                'Did not succeed (', job.state, '), and was not run again with success within ',
                getvariable('hours'), ' hours.')}
        END AS verdict,
        concat(job.resource_id || ', ', strftime(job.started_at, '%Y-%m-%d %H:%M') || ': ') AS which,
        CASE WHEN success IS NULL THEN [job.row_id] ELSE [job.row_id, success.row_id] END AS rows
    FROM job
    LEFT JOIN again USING (provider, scope_unit, job_id)
),

rate AS (
    SELECT
        provider,
        scope_unit,
        window_from,
        window_to,
        count(*) FILTER (verdict.outcome = 'pass') AS succeeded,
        count(*) FILTER (verdict.outcome IN ('pass', 'deviation')) AS ended,
        list(rows[1] ORDER BY rows[1]) FILTER (verdict.outcome IN ('pass', 'deviation')) AS rows
    FROM job_judged
    INNER JOIN stretch USING (provider, scope_unit)
    GROUP BY ALL
    HAVING ended > 0
),

rate_judged AS (
    SELECT
        provider,
        scope_unit,
        'success rate of the window' AS item,
        {
            outcome: CASE
                WHEN window_to - window_from < INTERVAL 28 DAY THEN 'cannot_tell'
                WHEN succeeded * 100 >= ended * getvariable('pct') THEN 'pass'
                ELSE 'deviation'
            END,
            because: concat(
                succeeded, ' of ', ended, ' jobs from ', strftime(window_from, '%Y-%m-%d'), ' to ',
                strftime(window_to, '%Y-%m-%d'), ' succeeded or were run again; ', getvariable('pct'),
                ' % are required of a month.')
        } AS verdict,
        '' AS which,
        rows
    FROM rate
),

-- Each job with the one that follows it, or the end of the window.
following AS (
    SELECT
        job.provider,
        job.scope_unit,
        job.resource_id,
        job.started_at,
        coalesce(
            lead(job.started_at) OVER (
                PARTITION BY job.provider, job.scope_unit, job.resource_id ORDER BY job.started_at, job.job_id
            ),
            window_to
        ) AS next_at,
        frequency_hours,
        list_concat([job.row_id], planned.rows) AS rows
    FROM job
    INNER JOIN planned USING (provider, scope_unit, resource_id)
    WHERE job.started_at IS NOT NULL
),

slot_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('slot of ', resource_id, ' after ', strftime(started_at, '%Y-%m-%d %H:%M')) AS item,
        {
            outcome: 'deviation',
            because: concat(
                'A backup is due every ', frequency_hours, ' hours; none was started from ',
                strftime(started_at, '%Y-%m-%d %H:%M'), ' to ', strftime(next_at, '%Y-%m-%d %H:%M'), '.')
        } AS verdict,
        '' AS which,
        flatten(list(rows)) AS rows
    FROM following
    WHERE next_at > started_at + to_minutes(frequency_hours * 90)
    GROUP BY provider, scope_unit, resource_id, started_at, next_at, frequency_hours
),

-- Where a slot is missing, that slot is the item; where none is, the store is.
slots_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('slots of ', resource_id) AS item,
        CASE
            WHEN planned.frequency_hours IS NULL
                THEN {outcome: 'cannot_tell', because: 'How often it is to be backed up is not given.'}
            WHEN count(started_at) = 0
                THEN {outcome: 'cannot_tell', because: concat(
                    'A backup is due every ', planned.frequency_hours, ' hours, and no job is in the window; ',
                    'how old the plan is, is not given.')}
            ELSE {outcome: 'pass', because: concat(
                'A backup is due every ', planned.frequency_hours, ' hours; ', count(started_at),
                ' jobs, and none is missing between them.')}
        END AS verdict,
        '' AS which,
        planned.rows AS rows
    FROM planned
    LEFT JOIN following USING (provider, scope_unit, resource_id)
    GROUP BY provider, scope_unit, resource_id, planned.frequency_hours, planned.rows
    HAVING coalesce(bool_and(next_at <= started_at + to_minutes(planned.frequency_hours * 90)), true)
),

judged AS (
    SELECT * FROM job_judged
    UNION ALL SELECT * FROM rate_judged
    UNION ALL SELECT * FROM slot_judged
    UNION ALL SELECT * FROM slots_judged
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, concat(which, verdict.because) AS because, rows
FROM judged;
