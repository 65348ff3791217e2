-- +goose Up
-- What was counted before, from the events that decide an appeal.
UPDATE case_figures SET appeal = COALESCE((SELECT CASE WHEN INSTR(e.body, '"appeal":"upheld"') > 0 THEN 'upheld' ELSE 'dismissed' END FROM case_events e
    WHERE e.case_id = case_figures.case_id AND e.seq <= case_figures.seq AND e.name IN ('decide_appeal', 'confirm_malice')
    AND (INSTR(e.body, '"appeal":"upheld"') > 0 OR INSTR(e.body, '"appeal":"dismissed"') > 0) ORDER BY e.seq DESC LIMIT 1), '');
