-- +goose Up
-- Matters (政务服务事项) that a unit handles; rated by clause 3.
CREATE TABLE matters (
    id            VARCHAR(64)  NOT NULL PRIMARY KEY,
    -- The national code of the matter (taskCode of the exchange record).
    task_code     VARCHAR(64)  NOT NULL,
    unit_id       VARCHAR(64)  NOT NULL,
    name_zh       VARCHAR(200) NOT NULL,
    name_en       VARCHAR(200) NOT NULL,
    kind          VARCHAR(20)  NOT NULL,
    promised_days INTEGER      NOT NULL,
    -- Delivered by courier: only then the sixth dimension is asked (R08).
    delivery      SMALLINT     NOT NULL,
    -- What stands in the QR code. Opaque, so that nobody can walk through the matters.
    code          VARCHAR(64)  NOT NULL,
    CONSTRAINT matters_unit FOREIGN KEY (unit_id) REFERENCES orgs (id),
    CONSTRAINT matters_code UNIQUE (code),
    CONSTRAINT matters_task UNIQUE (task_code),
    CONSTRAINT matters_days CHECK (promised_days >= 0),
    CONSTRAINT matters_delivery CHECK (delivery IN (0, 1))
);
