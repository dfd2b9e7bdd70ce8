/*
id = "VEN-05"
title = "Third-party apps and trusts have least rights"
statement = "App grants with wide scopes and trusts to outside accounts are approved, limited and guarded against misuse."
criteria = ["CC6.3", "CC6.6", "CC9.2"]
frequency = "continuous"
nature = "automated"
severity = "high"
deviation_unit = "one unapproved broad grant"
evidence = [
  "github.installations", "aws.iam.role_trusts", "okta.apps", "entra.apps", "gws.tokens", "gcp.iam.policies",
  "azure.rbac.assignments", "aws.access_analyzer.findings",
]
decisions = [
  "Each grant is judged twice: by what it may do, and by when it was last used. Where a source keeps no last use, only the second is left open.",
  "A grant that may write is broad. It needs to be named in the configuration, where its approval is on record.",
  "A grant that is suspended, switched off or expired opens nothing.",
  "An app that several people or places let in is one item: the widest and the least used of its grants count.",
  "A trust to an account outside is guarded by an external id; a trust to whoever a sign-in service vouches for by any condition that says who. Where all that a pool of identities lets in may take it, whom that is cannot be told.",
  "Access from outside that an analyzer found is approved where people archived it there, or where the configuration names what it is to. Where the policy that gives it is read too, that is judged instead.",
  "An address of another domain may be the company's own: where the source does not say, it cannot be told until it is approved.",
]

[maps]
iso27001_2022 = ["A.5.19", "A.8.3", "A.5.15"]
hipaa = ["164.312(a)(1)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.days]
default = 90
unit = "days"
meaning = "How long a grant may go unused."

[parameters.approved]
default = []
unit = "apps, tokens and outside accounts, as the evidence names them"
meaning = "The broad grants and outside trusts that were approved, each with the approval on record."

[[unseen]]
part = "applications of others hold no role in a subscription that was not approved"
needs = []

[[unseen]]
part = "every outside account is that of a known vendor"
needs = ["records.vendor_register"]
*/

WITH granted AS (
    SELECT
        *,
        coalesce(observed_at, collected_at) AS as_of,
        as_of - to_days(getvariable('days')) AS oldest,
        CASE
            WHEN status IN ('suspended', 'inactive', 'deleted') THEN concat('It is ', status, '.')
            WHEN expires_at < as_of THEN concat('It ended ', strftime(expires_at, '%Y-%m-%d'), '.')
        END AS dead
    FROM app_grant
),

rights_judged AS (
    SELECT
        provider,
        scope_unit,
        concat(app, ': rights') AS item,
        CASE
            WHEN dead IS NOT NULL
                THEN {outcome: 'not_applicable', because: dead}
            WHEN access = 'read'
                THEN {outcome: 'pass', because: 'It may only read.'}
            WHEN access IS NULL
                THEN {outcome: 'cannot_tell', because: 'How much it may do is not given.'}
            WHEN list_contains(getvariable('approved'), app)
                THEN {outcome: 'pass', because: concat('It may ', access, ', as was approved.')}
            ELSE {outcome: 'deviation', because: concat(
                'It may ', access, CASE WHEN everything THEN ' everything that is ours' ELSE '' END,
                ', and no approval is on record: ',
                array_to_string([one FOR one IN permissions IF one LIKE '%:write' OR one LIKE '%:admin'], ', '), '.')}
        END AS verdict,
        row_id
    FROM granted
),

use_judged AS (
    SELECT
        provider,
        scope_unit,
        concat(app, ': use') AS item,
        CASE
            WHEN dead IS NOT NULL
                THEN {outcome: 'not_applicable', because: dead}
            WHEN last_used_at >= oldest
                THEN {outcome: 'pass', because: concat('Last used ', strftime(last_used_at, '%Y-%m-%d'), '.')}
            WHEN granted_at >= oldest
                THEN {outcome: 'pass', because: concat(
                    'Granted ', strftime(granted_at, '%Y-%m-%d'), ', less than ', getvariable('days'), ' days before.')}
            WHEN last_used_at < oldest AND granted_at < oldest
                THEN {outcome: 'deviation', because: concat(
                    'Last used ', strftime(last_used_at, '%Y-%m-%d'), ', more than ', getvariable('days'),
                    ' days before ', strftime(as_of, '%Y-%m-%d'), '.')}
            WHEN never_used AND granted_at < oldest
                THEN {outcome: 'deviation', because: concat(
                    'Granted ', strftime(granted_at, '%Y-%m-%d'), ' and never used.')}
            ELSE {outcome: 'cannot_tell', because: 'When it was granted or last used is not given.'}
        END AS verdict,
        row_id
    FROM granted
),

-- One item for each role and principal, however many statements let it in; and for each app.
trust_judged AS (
    SELECT
        provider,
        scope_unit,
        concat(role, ' trusts ', principal) AS item,
        CASE
            WHEN NOT external
                THEN {outcome: 'pass', because: 'The principal is of this organisation.'}
            WHEN list_contains(getvariable('approved'), principal) OR list_contains(getvariable('approved'), account)
                THEN {outcome: 'pass', because: 'The principal is outside, as was approved.'}
            WHEN principal_kind = 'anyone' AND condition IS NULL
                THEN {outcome: 'deviation', because: 'Anyone may take it.'}
            WHEN principal_kind = 'federated' AND condition IS NULL
                THEN {outcome: 'deviation', because: 'Whomever this sign-in service vouches for may take it.'}
            WHEN principal_kind = 'federated' AND condition LIKE 'all of %'
                THEN {outcome: 'cannot_tell', because: concat(
                    'It lets in ', condition, '; whom that vouches for is not in this evidence.')}
            WHEN principal_kind = 'federated'
                THEN {outcome: 'pass', because: concat('Limited by: ', condition)}
            WHEN principal_kind = 'share' AND coalesce(external, condition LIKE '%=true')
                THEN {outcome: 'deviation', because: 'It is or may be shared outside, and no approval is on record.'}
            WHEN principal_kind = 'share' AND condition LIKE '%=false'
                THEN {outcome: 'pass', because: 'It can only be shared inside.'}
            WHEN external AND condition IS NULL
                THEN {outcome: 'deviation', because: 'The account is outside, and no external id or other condition is asked for.'}
            WHEN external AND condition ILIKE '%externalid%'
                THEN {outcome: 'pass', because: concat('The account is outside; limited by: ', condition)}
            ELSE {outcome: 'cannot_tell', because: concat(
                'Whether it is outside, or what guards it, is not given', coalesce(': ' || condition, ''), '.')}
        END AS verdict,
        row_id
    FROM trust
    WHERE principal_kind IN ('account', 'federated', 'anyone', 'share') OR principal_kind IS NULL
),

-- What an analyzer saw: of a resource that several findings are about the worst counts.
finding_judged AS (
    SELECT
        provider,
        scope_unit,
        concat('access from outside to ', coalesce(asset_id, 'what is not named')) AS item,
        CASE
            WHEN status = 'closed'
                THEN {outcome: 'not_applicable', because: 'The access is gone.'}
            WHEN status = 'accepted' OR list_contains(getvariable('approved'), asset_id)
                THEN {outcome: 'pass', because: 'There is access from outside, as was approved.'}
            WHEN status = 'open' AND EXISTS (
                SELECT 1 FROM trust WHERE trust.provider = finding.provider AND trust.role = finding.asset_id)
                THEN {outcome: 'not_applicable', because: 'Each trust that its own policy gives is judged.'}
            WHEN status = 'open'
                THEN {outcome: 'deviation', because: concat(
                    'There is access from outside, and no approval is on record',
                    strftime(first_seen_at, '; found %Y-%m-%d'), '.')}
            ELSE {outcome: 'cannot_tell', because: 'Whether there is access from outside could not be analysed.'}
        END AS verdict,
        row_id
    FROM finding
    WHERE rule = 'external_access' OR rule IS NULL
),

worst AS (
    SELECT
        provider,
        scope_unit,
        item,
        arg_max(
            verdict,
            (CASE verdict.outcome WHEN 'deviation' THEN 3 WHEN 'cannot_tell' THEN 2 WHEN 'pass' THEN 1 ELSE 0 END, row_id)
        ) AS verdict,
        list(row_id ORDER BY row_id) AS rows
    FROM (
        SELECT * FROM trust_judged
        UNION ALL SELECT * FROM rights_judged
        UNION ALL SELECT * FROM use_judged
        UNION ALL SELECT * FROM finding_judged
    )
    GROUP BY provider, scope_unit, item
)

SELECT provider, scope_unit, item, verdict.outcome AS outcome, verdict.because AS because, rows
FROM worst;
