-- +goose Up
-- What one person read off a form: the first, the second who did not see that, the third where those differ.
-- Append-only, each with a leaf: that two read alike is what a paper rating rests on.
CREATE TABLE paper_readings (
    entry_id    VARCHAR(32)  NOT NULL,
    nth         BIGINT       NOT NULL,
    person      VARCHAR(64)  NOT NULL,
    read_at     BIGINT       NOT NULL,
    -- Why nothing counts, '' where it does.
    void_reason VARCHAR(20)  NOT NULL,
    -- 0 on a sheet that does not count.
    grade       BIGINT       NOT NULL,
    options     VARCHAR(400) NOT NULL,
    marks       VARCHAR(400) NOT NULL,
    target      VARCHAR(20)  NOT NULL,
    window_id   VARCHAR(64)  NOT NULL,
    matter_no   VARCHAR(64)  NOT NULL,
    form_date   VARCHAR(10)  NOT NULL,
    -- Of the words; the second confirms them or, with 'no', says that they, the serial or the contact are others.
    text_digest VARCHAR(64)  NOT NULL,
    confirmed   VARCHAR(3)   NOT NULL,
    nonce       BLOB         NOT NULL,
    PRIMARY KEY (entry_id, nth),
    CONSTRAINT paper_readings_entry FOREIGN KEY (entry_id) REFERENCES paper_entries (id),
    -- Nobody reads a form twice.
    CONSTRAINT paper_readings_person UNIQUE (entry_id, person),
    CONSTRAINT paper_readings_nth CHECK (nth BETWEEN 1 AND 3),
    CONSTRAINT paper_readings_void CHECK ((void_reason <> '') = (grade = 0))
);
