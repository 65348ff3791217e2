-- +goose Up
-- Numbered paper forms, one row a form (6(2), R14).
CREATE TABLE paper_forms (
    -- The batch's prefix, the number and a check character.
    serial     VARCHAR(32)  NOT NULL PRIMARY KEY,
    batch_id   VARCHAR(32)  NOT NULL,
    box_id     VARCHAR(32)  NOT NULL,
    state      VARCHAR(16)  NOT NULL,
    -- Why it is void; '' otherwise.
    reason     VARCHAR(32)  NOT NULL,
    -- The opening in which it was found, NULL where it was not.
    opening_id VARCHAR(32)  NULL,
    changed_at BIGINT       NOT NULL,
    changed_by VARCHAR(64)  NOT NULL,
    CONSTRAINT paper_forms_batch FOREIGN KEY (batch_id) REFERENCES paper_batches (id),
    CONSTRAINT paper_forms_opening FOREIGN KEY (opening_id) REFERENCES box_openings (id),
    CONSTRAINT paper_forms_state CHECK (state IN ('unused', 'entered', 'void', 'missing')),
    CONSTRAINT paper_forms_entered CHECK (state <> 'entered' OR opening_id IS NOT NULL),
    CONSTRAINT paper_forms_void CHECK ((state = 'void') = (reason <> ''))
);
