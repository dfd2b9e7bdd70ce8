/*
id = "IAM-17"
title = "Data in transit is encrypted"
statement = "Traffic over open networks uses TLS 1.2 or later with valid certificates; plain HTTP is refused or redirected."
criteria = ["CC6.7", "CC6.1", "CC6.6"]
frequency = "continuous"
nature = "automated"
severity = "high"
deviation_unit = "one weak listener, per day"
evidence = [
  "azure.web.tls", "azure.storage.accounts", "azure.sql.servers", "gcp.edge.tls", "gcp.sql.instances", "aws.edge.tls",
]
decisions = [
  "A listener counts as production unless it is explicitly marked as something else: a forgotten mark must not take it out of the audit.",
  "One that the public network does not reach is judged like the others: who is inside could still read along.",
  "Databases speak no HTTP, so only their TLS is judged.",
  "A certificate in use that its issuer could not renew is a deviation before it expires: nothing will replace it.",
  "A certificate that renews by itself is judged by the day on which it expires: if that is near, it was not renewed.",
  "A certificate that nothing uses is shown and not judged.",
]

[maps]
iso27001_2022 = ["A.8.24", "A.8.20", "A.5.14"]
hipaa = ["164.312(e)(1)", "164.312(e)(2)(ii)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.accepted]
default = ["1.2", "1.3"]
unit = "versions of TLS"
meaning = "The versions that may be the oldest one accepted."

[parameters.non_production]
default = ["dev", "development", "test", "testing", "staging", "sandbox", "qa"]
unit = "environment names"
meaning = "The environments that are not production."

[parameters.days]
default = 30
unit = "days"
meaning = "How long before its end a certificate in use has to be replaced."

[[unseen]]
part = "listeners of classic load balancers and API gateways, and certificates that are kept elsewhere"
needs = []
*/

-- Certificates that renew by themselves, and did not. Of a list that shows no use nobody can tell that there is one.
WITH renewal AS (
    SELECT
        provider,
        scope_unit,
        concat('renewal of ', credential_id) AS item,
        CASE
            WHEN principal_id IS NULL
                THEN {outcome: 'not_applicable', because: 'Could not be issued or renewed; nothing uses it.'}
            ELSE {outcome: 'deviation', because: concat(
                'Could not be issued or renewed', strftime(expires_at, '; it expires on %Y-%m-%d'), '.')}
        END AS verdict,
        row_id
    FROM credential
    WHERE kind = 'certificate' AND status = 'failed'
),

listener AS (
    SELECT
        provider,
        scope_unit,
        resource_id AS item,
        CASE
            WHEN list_contains(getvariable('non_production'), lower(environment))
                THEN {outcome: 'not_applicable', because: concat('Marked as ', environment, '.')}
            WHEN plain_http
                THEN {outcome: 'deviation', because: 'Answers without TLS.'}
            WHEN min_tls = 'redirect' AND NOT plain_http
                THEN {outcome: 'pass', because: 'All it does is to lead to HTTPS.'}
            WHEN min_tls = 'none'
                THEN {outcome: 'deviation', because: 'Sets no oldest version of TLS.'}
            WHEN NOT list_contains(getvariable('accepted'), min_tls)
                THEN {outcome: 'deviation', because: concat('Accepts ', CASE WHEN min_tls LIKE 'SSL%' THEN '' ELSE 'TLS ' END, min_tls, '.')}
            WHEN min_tls IS NULL
                THEN {outcome: 'cannot_tell', because: 'The oldest version of TLS it accepts is not given.'}
            WHEN plain_http IS NULL AND coalesce(type NOT LIKE 'db%', true)
                THEN {outcome: 'cannot_tell', because: 'Whether it answers without TLS is not given.'}
            ELSE {outcome: 'pass', because: concat('TLS ', min_tls, ' or later.')}
        END AS verdict,
        row_id
    FROM resource
),

certificate AS (
    SELECT
        provider,
        scope_unit,
        concat('certificate ', credential_id) AS item,
        CASE
            WHEN expires_at IS NULL
                THEN {outcome: 'cannot_tell', because: 'When the certificate expires is not given.'}
            WHEN principal_id IS NULL
                THEN {outcome: 'not_applicable', because: 'Nothing uses the certificate.'}
            WHEN expires_at < collected_at
                THEN {outcome: 'deviation', because: concat(
                    'The certificate expired on ', strftime(expires_at, '%Y-%m-%d'), '.')}
            WHEN expires_at < collected_at + to_days(getvariable('days'))
                THEN {outcome: 'deviation', because: concat(
                    'The certificate expires on ', strftime(expires_at, '%Y-%m-%d'), ', within ',
                    getvariable('days'), ' days.')}
            ELSE {outcome: 'pass', because: concat(
                'The certificate expires on ', strftime(expires_at, '%Y-%m-%d'), '.')}
        END AS verdict,
        row_id
    FROM credential
    WHERE kind = 'certificate'
),

judged AS (
    SELECT * FROM listener
    UNION ALL SELECT * FROM certificate
    UNION ALL SELECT * FROM renewal
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, [row_id] AS rows
FROM judged;
