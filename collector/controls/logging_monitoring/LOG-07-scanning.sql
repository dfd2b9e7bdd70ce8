/*
id = "LOG-07"
title = "Scanning and patching cover all assets"
statement = "Hosts, images and dependencies in production are scanned at least weekly and patched on schedule."
criteria = ["CC7.1", "CC6.8"]
frequency = "weekly"
nature = "automated"
severity = "high"
deviation_unit = "one asset-week unscanned"
evidence = [
  "aws.ec2.exposure", "gcp.vuln.hosts", "azure.compute.disks", "azure.defender.assessments", "github.security_features",
  "aws.inspector.coverage", "aws.inspector.findings", "aws.ssm.patch", "aws.ecr.scanning",
]
decisions = [
  "An asset counts as production unless it is explicitly marked as something else: a forgotten mark must not take it out of the audit.",
  "Each asset is an item, and one that is not scanned is a deviation, whatever the share: no source gives a reason for it. The share of each kind of asset is an item of its own.",
  "An asset of which nothing says whether it is scanned counts for the share neither way: where it could tip it, the share cannot be told.",
  "A watch over dependencies that is on works all the time, and so has no last scan.",
  "An image is scanned anew when a weakness of what is in it becomes known: one that is watched passes, however long ago that last was.",
  "A repository whose images are scanned when they are pushed, and never again, is not scanned each week.",
  "A patch is missing since its weakness was first seen on the host. A weakness for which there is no fix misses none.",
  "A patch that is missing without a date cannot be told where it is critical, or where no scan shows what is weak; where nothing scans a host, a young check by which no approved patch is missing is enough.",
]

[maps]
iso27001_2022 = ["A.8.8", "A.8.19"]
hipaa = ["164.308(a)(5)(ii)(B)"]
gdpr = ["Art. 32"]
eu_ai_act = ["Art. 15"]

[parameters.pct]
default = 98
unit = "percent"
meaning = "The least share of the assets of a kind that are scanned."

[parameters.scan_days]
default = 7
unit = "days"
meaning = "How long ago a host was last scanned at most."

[parameters.days]
default = 30
unit = "days"
meaning = "How long a critical patch may be missing on a host."

[parameters.non_production]
default = ["dev", "development", "test", "testing", "staging", "sandbox", "qa"]
unit = "environment names"
meaning = "The environments that are not production."

[[unseen]]
part = "which images run, also those of other registries than the cloud's own, and that each of them is scanned"
needs = []

[[unseen]]
part = "an approved reason for an asset that is not scanned"
needs = ["records.exception_register"]
*/

-- Hosts are known from lists of machines and from scanners; a source may write the same id with other capitals elsewhere.
WITH mention AS (
    SELECT
        provider, scope_unit, resource_id AS asset_id, environment, collected_at, row_id,
        NULL AS state, NULL AS because, NULL::TIMESTAMP AS scanned_at, false AS by_scanner
    FROM resource
    WHERE type = 'instance'
    UNION ALL
    SELECT provider, scope_unit, asset_id, environment, collected_at, row_id, NULL, NULL, NULL, false
    FROM asset
    WHERE type IN ('instance', 'managed_node')
    UNION ALL
    SELECT provider, scope_unit, asset_id, environment, collected_at, row_id, state, because, scanned_at, true
    FROM scanner
    WHERE kind = 'host'
),

host AS (
    SELECT
        provider,
        scope_unit,
        lower(asset_id) AS id,
        min(asset_id) AS asset_id,
        min(environment) AS environment,
        max(collected_at) AS collected_at,
        bool_or(by_scanner) AS has_scanner,
        coalesce(bool_or(state = 'enabled'), false) AS scanned,
        coalesce(bool_or(state IN ('absent', 'disabled')), false) AS unscanned,
        coalesce(bool_or(state = 'not_applicable'), false) AS idle,
        string_agg(DISTINCT because, ' ' ORDER BY because) AS why,
        max(scanned_at) FILTER (state = 'enabled') AS scanned_at,
        list(row_id ORDER BY row_id) AS rows
    FROM mention
    GROUP BY provider, scope_unit, lower(asset_id)
),

host_judged AS (
    SELECT
        *,
        CASE
            WHEN list_contains(getvariable('non_production'), lower(environment))
                THEN {outcome: 'not_applicable', because: concat('Marked as ', environment, '.')}
            WHEN NOT has_scanner
                THEN {outcome: 'cannot_tell', because: 'Nothing that was read says whether it is scanned.'}
            WHEN scanned AND scanned_at >= collected_at - to_days(getvariable('scan_days'))
                THEN {outcome: 'pass', because: concat('Last scanned ', strftime(scanned_at, '%Y-%m-%d %H:%M'), '.')}
            WHEN scanned AND scanned_at IS NULL
                THEN {outcome: 'cannot_tell', because: 'It is scanned; when it last was is not given.'}
            WHEN scanned
                THEN {outcome: 'deviation', because: concat(
                    'Last scanned ', strftime(scanned_at, '%Y-%m-%d %H:%M'), ', more than ',
                    getvariable('scan_days'), ' days before.')}
            WHEN unscanned
                THEN {outcome: 'deviation', because: concat('No scanner reports on it.', ' ' || why)}
            WHEN idle
                THEN {outcome: 'not_applicable', because: concat('There is nothing to scan.', ' ' || why)}
            ELSE {outcome: 'cannot_tell', because: concat('Whether it is scanned is not given.', ' ' || why)}
        END AS verdict
    FROM host
),

image_judged AS (
    SELECT
        provider,
        scope_unit,
        asset_id,
        CASE
            WHEN list_contains(getvariable('non_production'), lower(environment))
                THEN {outcome: 'not_applicable', because: concat('Marked as ', environment, '.')}
            WHEN state = 'enabled' AND scanned_at IS NULL
                THEN {outcome: 'cannot_tell', because: 'It is scanned; when it last was is not given.'}
            WHEN state = 'enabled'
                THEN {outcome: 'pass', because: concat(
                    'It is watched; last scanned ', strftime(scanned_at, '%Y-%m-%d %H:%M'), '.')}
            WHEN state IN ('absent', 'disabled')
                THEN {outcome: 'deviation', because: concat('It is not watched.', ' ' || because)}
            WHEN state = 'not_applicable'
                THEN {outcome: 'not_applicable', because: concat('There is nothing to scan.', ' ' || because)}
            ELSE {outcome: 'cannot_tell', because: concat('Whether it is scanned is not given.', ' ' || because)}
        END AS verdict,
        [row_id] AS rows
    FROM scanner
    WHERE kind = 'image'
),

dependencies_judged AS (
    SELECT
        provider,
        scope_unit,
        asset_id,
        CASE
            WHEN list_contains(getvariable('non_production'), lower(environment))
                THEN {outcome: 'not_applicable', because: concat('Marked as ', environment, '.')}
            WHEN state = 'enabled'
                THEN {outcome: 'pass', because: 'Its dependencies are watched.'}
            WHEN state IN ('absent', 'disabled')
                THEN {outcome: 'deviation', because: 'Its dependencies are not watched.'}
            WHEN state = 'not_applicable'
                THEN {outcome: 'not_applicable', because: 'There is nothing to scan.'}
            ELSE {outcome: 'cannot_tell', because: 'Whether its dependencies are watched is not given.'}
        END AS verdict,
        [row_id] AS rows
    FROM scanner
    WHERE kind = 'dependencies'
),

repository_judged AS (
    SELECT
        provider,
        scope_unit,
        asset_id,
        CASE
            WHEN list_contains(getvariable('non_production'), lower(environment))
                THEN {outcome: 'not_applicable', because: concat('Marked as ', environment, '.')}
            WHEN state = 'enabled' AND rescans
                THEN {outcome: 'pass', because: 'Its images are scanned, and again when more becomes known.'}
            WHEN state = 'enabled' AND NOT rescans
                THEN {outcome: 'deviation', because: 'Its images are scanned when they are pushed, and never again.'}
            WHEN state IN ('absent', 'disabled')
                THEN {outcome: 'deviation', because: 'Its images are not scanned when they are pushed.'}
            ELSE {outcome: 'cannot_tell', because: 'Whether its images are scanned is not given.'}
        END AS verdict,
        [row_id] AS rows
    FROM scanner
    WHERE kind = 'images'
),

asset_judged AS (
    SELECT provider, scope_unit, 'hosts' AS kind, concat('host ', asset_id) AS item, verdict, rows
    FROM host_judged
    UNION ALL
    SELECT provider, scope_unit, 'images', concat('image ', asset_id), verdict, rows
    FROM image_judged
    UNION ALL
    SELECT provider, scope_unit, 'repositories', concat('images in ', asset_id), verdict, rows
    FROM repository_judged
    UNION ALL
    SELECT provider, scope_unit, 'dependencies', concat('dependencies of ', asset_id), verdict, rows
    FROM dependencies_judged
),

share AS (
    SELECT
        provider,
        scope_unit,
        kind,
        count(*) AS assets,
        count(*) FILTER (verdict.outcome = 'pass') AS scanned,
        count(*) FILTER (verdict.outcome = 'cannot_tell') AS untold,
        flatten(list(rows ORDER BY item)) AS rows
    FROM asset_judged
    WHERE verdict.outcome <> 'not_applicable'
    GROUP BY provider, scope_unit, kind
),

share_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('share of ', kind, ' that are scanned') AS item,
        {
            outcome: CASE
                WHEN scanned * 100 >= getvariable('pct') * assets THEN 'pass'
                WHEN (scanned + untold) * 100 < getvariable('pct') * assets THEN 'deviation'
                ELSE 'cannot_tell'
            END,
            because: concat(
                scanned, ' of ', assets, if(untold > 0, concat(', and of ', untold, ' it cannot be told'), ''), '; ',
                getvariable('pct'), '% is required.')
        } AS verdict,
        rows
    FROM share
),

-- What a scanner found on a host, and whether it is a critical patch that has been missing too long.
weakness AS (
    SELECT
        vulnerability.*,
        lower(asset_id) AS id,
        status = 'open' AND severity = 'critical' AS critical,
        first_seen_at < collected_at - to_days(getvariable('days')) AS old,
        CASE
            WHEN status <> 'open' OR severity <> 'critical' OR NOT fix_available OR NOT old THEN 'no'
            WHEN critical AND fix_available AND old THEN 'missing'
            ELSE 'untold'
        END AS patch
    FROM vulnerability
    WHERE kind = 'host'
),

patches AS (
    SELECT
        provider,
        scope_unit,
        id,
        count(*) FILTER (patch = 'missing') AS missing,
        count(*) FILTER (patch = 'untold') AS untold,
        string_agg(DISTINCT title, ', ' ORDER BY title) FILTER (patch = 'missing') AS titles,
        list(row_id ORDER BY row_id) FILTER (patch <> 'no') AS rows
    FROM weakness
    GROUP BY provider, scope_unit, id
),

-- What the service that patches hosts says of each.
checked AS (
    SELECT
        provider,
        scope_unit,
        lower(asset_id) AS id,
        bool_or(managed) AS managed,
        max(patches_missing) AS approved_missing,
        max(critical_patches_missing) AS critical_missing,
        min(patches_checked_at) AS checked_at
    FROM asset
    WHERE type IN ('instance', 'managed_node')
    GROUP BY provider, scope_unit, lower(asset_id)
),

patches_judged AS (
    SELECT
        host_judged.provider,
        host_judged.scope_unit,
        concat('patches of ', asset_id) AS item,
        CASE
            WHEN missing > 0
                THEN {outcome: 'deviation', because: concat(
                    missing, ' critical patches have been missing for more than ', getvariable('days'), ' days',
                    ': ' || titles, '.')}
            WHEN untold > 0
                THEN {outcome: 'cannot_tell', because: concat(
                    'Of ', untold, ' weaknesses it is not given how grave they are, since when they are there, or ',
                    'whether there is a fix.')}
            WHEN critical_missing > 0
                THEN {outcome: 'cannot_tell', because: concat(
                    approved_missing, ' approved patches are missing, ', critical_missing, ' of them critical; since ',
                    'when is not given.')}
            WHEN verdict.outcome = 'pass'
                THEN {outcome: 'pass', because: concat(
                    'No critical patch has been missing for more than ', getvariable('days'), ' days.')}
            WHEN approved_missing = 0 AND checked_at >= collected_at - to_days(getvariable('scan_days'))
                THEN {outcome: 'pass', because: concat(
                    'No approved patch was missing ', strftime(checked_at, '%Y-%m-%d %H:%M'), '.')}
            ELSE {outcome: 'cannot_tell', because: concat(
                'No scan of it is young enough to show what is missing. ', verdict.because,
                if(managed = false, ' Nothing manages its patches.', NULL),
                ' ' || approved_missing || ' approved patches were missing ' ||
                strftime(checked_at, '%Y-%m-%d %H:%M') || '.')}
        END AS verdict,
        list_concat(host_judged.rows, coalesce(patches.rows, [])) AS rows
    FROM host_judged
    LEFT JOIN patches USING (provider, scope_unit, id)
    LEFT JOIN checked USING (provider, scope_unit, id)
    WHERE (has_scanner OR checked.id IS NOT NULL) AND verdict.outcome <> 'not_applicable'
),

judged AS (
    SELECT provider, scope_unit, item, verdict, rows FROM asset_judged
    UNION ALL SELECT * FROM share_judged
    UNION ALL SELECT * FROM patches_judged
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows
FROM judged;
