/*
id = "LOG-11"
title = "Evidence collection itself is complete"
statement = "The collector ran for every slot of its schedule, over the whole scope; what it missed is shown, with the cause."
criteria = ["CC4.1", "CC2.1", "CC7.1"]
frequency = "daily"
nature = "automated"
severity = "high"
deviation_unit = "one evidence type in one scope with slots that were not collected whole"
evidence = ["agent.collection"]
decisions = [
  "A slot that was read in part is a deviation here: collection was not complete, whatever the cause.",
  "A slot that somebody decided to skip, or whose account or evidence type left the schedule before a run came to it, is shown and not judged.",
  "Each outcome is about the slots that one run has answered; the coverage of a period adds them up.",
]

[maps]
iso27001_2022 = ["A.5.28", "A.5.33", "A.5.36"]
hipaa = ["164.316(b)(1)"]
gdpr = ["Art. 5"]
eu_ai_act = ["Art. 12", "Art. 18"]

[[unseen]]
part = "nothing that is stored was changed"
needs = ["agent.integrity"]

[[unseen]]
part = "the scopes that are collected are all there are"
needs = ["agent.scope_register"]
*/

WITH told AS (
    SELECT
        *,
        concat(collected_type, ' in ', collected_provider, ' ', collected_unit) AS item,
        CASE
            WHEN state = 'done' THEN 'pass'
            WHEN state = 'skipped' OR cause = 'removed' THEN 'not_applicable'
            WHEN state IN ('partial', 'failed', 'missed') THEN 'deviation'
            ELSE 'cannot_tell'
        END AS outcome,
        concat(
            slots, ' ', state, ' (', strftime(first_slot, '%Y-%m-%d %H:%M'),
            CASE WHEN slots > 1 THEN strftime(last_slot, ' to %Y-%m-%d %H:%M') END, ' UTC',
            CASE WHEN cause IS NOT NULL THEN concat(', ', cause) END,
            CASE WHEN because <> '' THEN concat(': ', because) END, ')'
        ) AS words
    FROM collection_slot
)

SELECT
    provider,
    scope_unit,
    item,
    CASE
        WHEN count(*) FILTER (outcome = 'deviation') > 0 THEN 'deviation'
        WHEN count(*) FILTER (outcome = 'cannot_tell') > 0 THEN 'cannot_tell'
        WHEN count(*) FILTER (outcome = 'pass') > 0 THEN 'pass'
        ELSE 'not_applicable'
    END AS outcome,
    concat('Slots: ', string_agg(words, '; ' ORDER BY first_slot), '.') AS because,
    list(row_id ORDER BY row_id) AS rows
FROM told
GROUP BY provider, scope_unit, item;
