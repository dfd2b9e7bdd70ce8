/*
id = "VEN-01"
title = "Vendor list matches what is really connected"
statement = "The vendor register is complete: every app, integration, AI service and cross-account trust found maps to a vendor with an owner."
criteria = ["CC9.2", "CC3.2", "CC2.1"]
frequency = "quarterly"
nature = "it_dependent_manual"
severity = "high"
deviation_unit = "one unmapped integration"
evidence = [
  "okta.apps", "entra.apps", "gws.tokens", "gws.sso_apps", "github.installations", "aws.iam.role_trusts",
  "records.vendor_register",
]
across = ["records.vendor_register"]
decisions = [
  "An integration is a vendor's where the register has its app, its publisher or its account as the vendor, or among the vendor's other names. Upper case and spaces make no difference.",
  "A new one has some days to be entered; where nothing says since when it is there, it has none.",
  "Tokens of people, and trusts that stay inside the organisation, are no vendors.",
  "A vendor that was let go and is still connected is a deviation.",
]

[maps]
iso27001_2022 = ["A.5.19", "A.5.21", "A.5.23"]
hipaa = ["164.308(b)(1)"]
gdpr = []
eu_ai_act = []

[parameters.days]
default = 14
unit = "days"
meaning = "How long after it was let in an integration may be missing from the register."
*/

WITH known AS (
    SELECT
        unnest(list_distinct(list_transform(
            list_concat([vendor, service], coalesce(names, [])),
            lambda name: regexp_replace(lower(name), '\s', '', 'g')
        ))) AS name,
        vendor,
        owner,
        offboarded_at,
        row_id
    FROM vendor
),

connected AS (
    SELECT
        provider,
        scope_unit,
        concat('app ', source_id) AS item,
        concat(app, coalesce(' by ' || publisher, '')) AS words,
        list_filter([app, publisher], lambda name: name IS NOT NULL) AS names,
        granted_at AS since,
        true AS outside,
        collected_at,
        row_id
    FROM app_grant
    WHERE kind IS DISTINCT FROM 'token' AND status IS DISTINCT FROM 'suspended'
    UNION ALL
    SELECT
        provider,
        scope_unit,
        concat('trust ', source_id),
        concat('role ', role, ' trusts ', principal),
        list_filter([account, principal], lambda name: name IS NOT NULL),
        NULL,
        external,
        collected_at,
        row_id
    FROM trust
    WHERE
        external IS DISTINCT FROM false
        AND principal_kind IS DISTINCT FROM 'service' AND principal_kind IS DISTINCT FROM 'identity_provider'
),

matched AS (
    SELECT
        connected.*,
        known.vendor,
        known.owner,
        known.offboarded_at,
        known.row_id AS vendor_row
    FROM connected
    LEFT JOIN known
        ON list_contains(
            list_transform(connected.names, lambda name: regexp_replace(lower(name), '\s', '', 'g')), known.name
        )
    QUALIFY row_number() OVER (PARTITION BY connected.row_id ORDER BY offboarded_at NULLS FIRST, vendor NULLS LAST) = 1
),

connected_judged AS (
    SELECT
        provider,
        scope_unit,
        item,
        CASE
            WHEN offboarded_at <= collected_at
                THEN {outcome: 'deviation', because: concat(
                    'of ', vendor, ', which was let go on ', strftime(offboarded_at, '%Y-%m-%d'))}
            WHEN vendor IS NOT NULL
                THEN {outcome: 'pass', because: concat('of ', vendor)}
            WHEN outside IS NULL
                THEN {outcome: 'cannot_tell', because: 'whether that is outside the organisation is not given'}
            WHEN since >= collected_at - to_days(getvariable('days'))
                THEN {outcome: 'not_applicable', because: concat('let in on ', strftime(since, '%Y-%m-%d'))}
            ELSE {outcome: 'deviation', because: 'of no vendor in the register'}
        END AS verdict,
        words,
        list_filter([row_id, vendor_row], lambda row: row IS NOT NULL) AS rows
    FROM matched
),

vendor_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('vendor ', source_id) AS item,
        list_filter([
            CASE WHEN owner IS NULL THEN 'an owner' END,
            CASE WHEN criticality IS NULL THEN 'a criticality' END,
            CASE WHEN data_classes IS NULL OR len(data_classes) = 0 THEN 'classes of data' END
        ], lambda part: part IS NOT NULL) AS lacks,
        [row_id] AS rows
    FROM vendor
    WHERE offboarded_at IS NULL
)

SELECT
    provider, scope_unit, item, verdict.outcome AS outcome, concat(words, ': ', verdict.because, '.') AS because, rows
FROM connected_judged
UNION ALL
SELECT
    provider,
    scope_unit,
    item,
    CASE WHEN len(lacks) > 0 THEN 'deviation' ELSE 'pass' END,
    CASE
        WHEN len(lacks) > 0 THEN concat('The register does not give ', array_to_string(lacks, ', '), '.')
        ELSE 'It has an owner, a criticality and classes of data.'
    END,
    rows
FROM vendor_judged;
