-- +goose Up
-- What was issued before the closing is in a package for certain; what came after it may be missing, and
-- the check archives asks for another package where there is any.
INSERT INTO archives_with_papers (case_id, version, seq, papers, digest, sm3, size, made_at, nonce)
    SELECT a.case_id, a.version, a.seq, (SELECT COUNT(*) FROM documents d WHERE d.case_id = a.case_id AND d.case_seq < a.seq),
        a.digest, a.sm3, a.size, a.made_at, a.nonce FROM archives a;
