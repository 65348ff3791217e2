-- +goose Up
-- Ratings (clauses 5 and 6). Append-only: no path of the program updates or deletes a row. Who
-- gave the rating stands in the vault, what was written in texts; neither is here.
CREATE TABLE ratings (
    id              VARCHAR(32)  NOT NULL PRIMARY KEY,
    channel         VARCHAR(16)  NOT NULL,
    target          VARCHAR(16)  NOT NULL,
    -- One of the five grades; nothing else is a rating (R09).
    grade           SMALLINT     NOT NULL,
    -- Codes of the chosen national options, comma-separated, ascending.
    options         VARCHAR(400) NOT NULL,
    -- JSON: mark by dimension (R08).
    dimensions      VARCHAR(400) NOT NULL,
    area            CHAR(6)      NOT NULL,
    authority       VARCHAR(64)  NOT NULL,
    upper_authority VARCHAR(64)  NOT NULL,
    unit_id         VARCHAR(64)  NOT NULL,
    hall_id         VARCHAR(64)  NOT NULL,
    window_id       VARCHAR(64)  NOT NULL,
    staff_id        VARCHAR(64)  NOT NULL,
    matter_id       VARCHAR(64)  NOT NULL,
    -- Number of the handled matter: leads to the rater, so the rated side never sees it (R04).
    project_no      VARCHAR(64)  NOT NULL,
    -- The matter's status at this instant (R32).
    matter_status   VARCHAR(16)  NOT NULL,
    delivery_used   SMALLINT     NOT NULL,
    -- What of photo, name, post and position was not made public (R12), comma-separated.
    gaps            VARCHAR(100) NOT NULL,
    call_id         VARCHAR(64)  NOT NULL,
    -- NULL on every channel but paper.
    form_serial     VARCHAR(64)  NULL,
    scan_digest     VARCHAR(64)  NOT NULL,
    given_at        BIGINT       NOT NULL,
    -- The month in Asia/Shanghai to which it belongs, whenever it arrived.
    given_month     CHAR(7)      NOT NULL,
    -- Who transcribed it, '' where the citizen rated.
    transcriber     VARCHAR(64)  NOT NULL,
    -- Salted digest of the free text, '' without any.
    text_digest     VARCHAR(64)  NOT NULL,
    has_contact     SMALLINT     NOT NULL,
    -- The privacy notice that the citizen saw (R59), '' on channels without a screen.
    privacy_version VARCHAR(32)  NOT NULL,
    -- SHA-256 of the form's key, and a keyed digest of its content: a repeated form is told from
    -- another form under the same key. key_id names the master key of digest and receipt.
    request_key     CHAR(64)     NOT NULL,
    request_digest  CHAR(64)     NOT NULL,
    key_id          VARCHAR(64)  NOT NULL,
    -- The receipt is a bearer secret; only this hash is kept.
    receipt_hash    CHAR(64)     NOT NULL,
    -- Versioned canonical bytes and nonce of the ledger's leaf (R51).
    canonical       BLOB         NOT NULL,
    nonce           BLOB         NOT NULL,
    CONSTRAINT ratings_request UNIQUE (request_key),
    CONSTRAINT ratings_receipt UNIQUE (receipt_hash),
    -- A paper form counts once (R14).
    CONSTRAINT ratings_serial UNIQUE (form_serial),
    CONSTRAINT ratings_grade CHECK (grade BETWEEN 1 AND 5),
    CONSTRAINT ratings_given CHECK (given_at > 0),
    CONSTRAINT ratings_paper CHECK ((channel = 'paper') = (form_serial IS NOT NULL)),
    -- Staff only transcribe: a paper form or a call (R10).
    CONSTRAINT ratings_transcriber CHECK ((channel IN ('paper', 'hotline')) = (transcriber <> ''))
);
