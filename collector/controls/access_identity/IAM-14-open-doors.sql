/*
id = "IAM-14"
title = "No open doors from the internet"
statement = "Management ports and databases are not reachable from anywhere; public entry points are few, known and behind a web firewall."
criteria = ["CC6.6", "CC6.1"]
frequency = "continuous"
nature = "automated"
severity = "critical"
deviation_unit = "one open rule, per day"
evidence = [
  "aws.ec2.exposure", "aws.encryption.at_rest", "gcp.compute.exposure", "gcp.sql.instances", "azure.network.exposure",
  "azure.sql.servers", "aws.edge.tls", "gcp.edge.tls",
]
decisions = [
  "A resource counts as production unless it is explicitly marked as something else: a forgotten mark must not take it out of the audit.",
  "An open rule that nothing uses today is a deviation as well: the next machine put behind it is open from its first second.",
  "Whether a cluster of databases is public is said of its instances, where the source says nothing of the cluster.",
  "An entry point that does nothing but lead to HTTPS needs no firewall: what it leads to is judged.",
  "While the company names no entry point that it approved, the list was not written: whether one is on it cannot be told.",
]

[maps]
iso27001_2022 = ["A.8.20", "A.8.22", "A.8.21"]
hipaa = ["164.312(e)(1)", "164.312(a)(1)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.ports]
default = "22,3389,3306,5432,1433,27017,6379,9200"
unit = "port numbers, with commas between them"
meaning = "The ports of management and databases, which may not be open to everyone."

[parameters.non_production]
default = ["dev", "development", "test", "testing", "staging", "sandbox", "qa"]
unit = "environment names"
meaning = "The environments that are not production."

[parameters.approved]
default = []
unit = "entry points, or what they are a part of, as the evidence names them"
meaning = "The load balancers and distributions that the internet may reach, each with the approval on record."

[[unseen]]
part = "public addresses of single machines are approved, and other entry points have a web firewall"
needs = []
*/

WITH forbidden AS (
    SELECT unnest(string_split(getvariable('ports'), ','))::BIGINT AS port
),

-- `22`, `8000-8080` or `all`: its first and last port.
opening AS (
    SELECT
        row_id,
        unnest(open_ports) AS written,
        CASE WHEN written = 'all' THEN 0 ELSE try_cast(split_part(written, '-', 1) AS BIGINT) END AS first,
        CASE WHEN written = 'all' THEN 65535 ELSE try_cast(split_part(written, '-', -1) AS BIGINT) END AS last
    FROM resource
),

opened AS (
    SELECT
        row_id,
        count(*) FILTER (first IS NULL OR last IS NULL) AS unreadable,
        string_agg(DISTINCT port::VARCHAR, ', ' ORDER BY port::VARCHAR) AS ports
    FROM opening
    LEFT JOIN forbidden ON forbidden.port BETWEEN first AND last
    GROUP BY row_id
),

judged AS (
    SELECT
        resource.*,
        list_contains(getvariable('non_production'), lower(environment)) AS elsewhere,
        type IN ('load_balancer', 'network_load_balancer', 'distribution') AS entry,
        list_contains(getvariable('approved'), resource_id)
        OR coalesce(list_contains(getvariable('approved'), part_of), false) AS approved,
        CASE
            WHEN elsewhere
                THEN {outcome: 'not_applicable', because: concat('Marked as ', environment, '.')}
            WHEN entry AND NOT public
                THEN {outcome: 'not_applicable', because: 'The internet does not reach it.'}
            WHEN entry AND min_tls = 'redirect' AND NOT plain_http
                THEN {outcome: 'pass', because: 'All it does is to lead to HTTPS.'}
            WHEN entry AND type <> 'network_load_balancer' AND NOT waf
                THEN {outcome: 'deviation', because: 'No web firewall is before it.'}
            WHEN entry AND NOT approved AND len(getvariable('approved')) > 0
                THEN {outcome: 'deviation', because: 'It is not on the list of approved entry points.'}
            WHEN entry AND type <> 'network_load_balancer' AND waf IS NULL
                THEN {outcome: 'cannot_tell', because: 'Whether a web firewall is before it is not given.'}
            WHEN entry AND NOT approved
                THEN {outcome: 'cannot_tell', because: 'No list of approved entry points is configured.'}
            WHEN entry
                THEN {outcome: 'pass', because: 'It is on the list of approved entry points.'}
            WHEN type IS NULL
                THEN {outcome: 'cannot_tell', because: 'What it is, is not given.'}
            WHEN opened.ports IS NOT NULL
                THEN {outcome: 'deviation', because: concat(
                    'Open to everyone: ', opened.ports,
                    CASE attached WHEN true THEN '; in use.' WHEN false THEN '; used by nothing today.' ELSE '.' END)}
            WHEN type = 'instance' AND NOT hardened_metadata
                THEN {outcome: 'deviation', because: 'Answers the old metadata service, which asks for no token.'}
            WHEN type LIKE 'db%' AND public
                THEN {outcome: 'deviation', because: 'A database with an address open to the world.'}
            WHEN type = 'security_group' AND (open_ports IS NULL OR opened.unreadable > 0)
                THEN {outcome: 'cannot_tell', because: 'Which ports it opens to everyone is not given.'}
            WHEN type = 'instance' AND hardened_metadata IS NULL
                THEN {outcome: 'cannot_tell', because: 'Which metadata service it answers is not given.'}
            WHEN type = 'db_cluster' AND public IS NULL
                THEN {outcome: 'not_applicable', because: 'Its instances are judged.'}
            WHEN type LIKE 'db%' AND public IS NULL
                THEN {outcome: 'cannot_tell', because: 'Whether the world can reach it is not given.'}
            WHEN type = 'security_group'
                THEN {outcome: 'pass', because: 'Opens no port of management or databases to everyone.'}
            WHEN type = 'instance'
                THEN {outcome: 'pass', because: 'Asks for a token before it gives metadata.'}
            ELSE {outcome: 'pass', because: 'A database without an address open to the world.'}
        END AS verdict
    FROM resource
    LEFT JOIN opened USING (row_id)
    WHERE type IN ('security_group', 'instance', 'load_balancer', 'network_load_balancer', 'distribution')
        OR type LIKE 'db%' OR type IS NULL OR open_ports IS NOT NULL
)

SELECT
    provider,
    scope_unit,
    resource_id AS item,
    verdict.outcome AS outcome,
    verdict.because AS because,
    [row_id] AS rows
FROM judged;
