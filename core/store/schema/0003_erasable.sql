-- A project's data can be erased, and the audit outlives it: an entry names its
-- run by number and no longer refers to a row that must be there. Entries keep
-- every value, so their seals hold.

CREATE TABLE audit_3 (
    id      INTEGER PRIMARY KEY,
    owner   TEXT NOT NULL,
    at      TEXT NOT NULL,
    kind    TEXT NOT NULL,             -- import, run, decision, export, unlock, …
    subject TEXT NOT NULL,             -- act, file, table: what it was done to
    detail  TEXT NOT NULL,             -- JSON
    run     INTEGER,                   -- number of the run, which may be erased by now
    prev    TEXT NOT NULL,             -- hash of the entry before, '' for the first
    hash    TEXT NOT NULL              -- HMAC-SHA-256 of every other column
) STRICT;
INSERT INTO audit_3 SELECT id, owner, at, kind, subject, detail, run, prev, hash FROM audit;
DROP TABLE audit;
ALTER TABLE audit_3 RENAME TO audit;

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'rows of audit are only added'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'rows of audit are only added'); END;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of audit are only added'); END;

-- The row of the project stays when its data goes, so that what is open stays
-- valid. What names a project is asked for by it.
CREATE INDEX run_project ON run (project);
