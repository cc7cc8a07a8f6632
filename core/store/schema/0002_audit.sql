-- The audit: what was done in this store, each entry sealed together with the
-- one before it. Numbers run from 1 without a gap; meta 'audit_head' holds how
-- many there are and the seal of the last, itself sealed, so that a cut tail
-- is found. The key of the seals is in meta 'audit_key', itself sealed under a
-- key of the vault.

CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    owner   TEXT NOT NULL,
    at      TEXT NOT NULL,
    kind    TEXT NOT NULL,             -- import, run, decision, export, unlock, …
    subject TEXT NOT NULL,             -- act, file, table: what it was done to
    detail  TEXT NOT NULL,             -- JSON
    run     INTEGER REFERENCES run(id),
    prev    TEXT NOT NULL,             -- hash of the entry before, '' for the first
    hash    TEXT NOT NULL              -- HMAC-SHA-256 of every other column
) STRICT;

-- Only this row lets a program begin the audit: one whose key or head is gone
-- later is broken, not new.
INSERT INTO meta (key, value) VALUES ('audit_head', 'unstarted');

-- Rows that are never shown, because they or what they rest on belong to
-- somebody else or to nothing. For dataset_column and area, row is the number
-- of the dataset; for run_input, of the run; else the row's own number.
CREATE TABLE quarantine (
    id     INTEGER PRIMARY KEY,
    owner  TEXT NOT NULL,
    at     TEXT NOT NULL,
    tab    TEXT NOT NULL,
    row    INTEGER NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE (tab, row)
) STRICT;

-- The check of ownership at each start asks these tables for other owners; their
-- rows are long, or many.
CREATE INDEX dataset_column_owner ON dataset_column (owner, dataset);
CREATE INDEX area_owner ON area (owner, dataset);

-- What rests on a run or a dataset is asked for by it.
CREATE INDEX dataset_run ON dataset (run);
CREATE INDEX run_input_dataset ON run_input (dataset);
CREATE INDEX place_decision_run ON place_decision (run);

-- Versions are only ever added. INSERT OR REPLACE would delete without asking
-- the DELETE trigger, hence the third of each.

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'rows of audit are only added'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'rows of audit are only added'); END;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of audit are only added'); END;

CREATE TRIGGER quarantine_no_update BEFORE UPDATE ON quarantine BEGIN SELECT RAISE(ABORT, 'rows of quarantine are only added'); END;
CREATE TRIGGER quarantine_no_delete BEFORE DELETE ON quarantine BEGIN SELECT RAISE(ABORT, 'rows of quarantine are only added'); END;
CREATE TRIGGER quarantine_no_replace BEFORE INSERT ON quarantine WHEN EXISTS (SELECT 1 FROM quarantine WHERE id = NEW.id OR (tab = NEW.tab AND row = NEW.row))
BEGIN SELECT RAISE(ABORT, 'rows of quarantine are only added'); END;

CREATE TRIGGER run_no_update BEFORE UPDATE ON run BEGIN SELECT RAISE(ABORT, 'rows of run are only added'); END;
CREATE TRIGGER run_no_delete BEFORE DELETE ON run BEGIN SELECT RAISE(ABORT, 'rows of run are only added'); END;
CREATE TRIGGER run_no_replace BEFORE INSERT ON run WHEN EXISTS (SELECT 1 FROM run WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of run are only added'); END;

CREATE TRIGGER dataset_no_update BEFORE UPDATE ON dataset BEGIN SELECT RAISE(ABORT, 'rows of dataset are only added'); END;
CREATE TRIGGER dataset_no_delete BEFORE DELETE ON dataset BEGIN SELECT RAISE(ABORT, 'rows of dataset are only added'); END;
CREATE TRIGGER dataset_no_replace BEFORE INSERT ON dataset WHEN EXISTS (SELECT 1 FROM dataset
    WHERE id = NEW.id OR (project = NEW.project AND kind = NEW.kind AND name = NEW.name AND version = NEW.version))
BEGIN SELECT RAISE(ABORT, 'rows of dataset are only added'); END;

CREATE TRIGGER dataset_column_no_update BEFORE UPDATE ON dataset_column BEGIN SELECT RAISE(ABORT, 'rows of dataset_column are only added'); END;
CREATE TRIGGER dataset_column_no_delete BEFORE DELETE ON dataset_column BEGIN SELECT RAISE(ABORT, 'rows of dataset_column are only added'); END;
CREATE TRIGGER dataset_column_no_replace BEFORE INSERT ON dataset_column
WHEN EXISTS (SELECT 1 FROM dataset_column WHERE dataset = NEW.dataset AND ordinal = NEW.ordinal)
BEGIN SELECT RAISE(ABORT, 'rows of dataset_column are only added'); END;

CREATE TRIGGER area_no_update BEFORE UPDATE ON area BEGIN SELECT RAISE(ABORT, 'rows of area are only added'); END;
CREATE TRIGGER area_no_delete BEFORE DELETE ON area BEGIN SELECT RAISE(ABORT, 'rows of area are only added'); END;
CREATE TRIGGER area_no_replace BEFORE INSERT ON area
WHEN EXISTS (SELECT 1 FROM area WHERE dataset = NEW.dataset AND ordinal = NEW.ordinal)
BEGIN SELECT RAISE(ABORT, 'rows of area are only added'); END;

CREATE TRIGGER run_input_no_update BEFORE UPDATE ON run_input BEGIN SELECT RAISE(ABORT, 'rows of run_input are only added'); END;
CREATE TRIGGER run_input_no_delete BEFORE DELETE ON run_input BEGIN SELECT RAISE(ABORT, 'rows of run_input are only added'); END;
CREATE TRIGGER run_input_no_replace BEFORE INSERT ON run_input
WHEN EXISTS (SELECT 1 FROM run_input WHERE run = NEW.run AND ordinal = NEW.ordinal)
BEGIN SELECT RAISE(ABORT, 'rows of run_input are only added'); END;

CREATE TRIGGER place_decision_no_update BEFORE UPDATE ON place_decision BEGIN SELECT RAISE(ABORT, 'rows of place_decision are only added'); END;
CREATE TRIGGER place_decision_no_delete BEFORE DELETE ON place_decision BEGIN SELECT RAISE(ABORT, 'rows of place_decision are only added'); END;
CREATE TRIGGER place_decision_no_replace BEFORE INSERT ON place_decision WHEN EXISTS (SELECT 1 FROM place_decision WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of place_decision are only added'); END;
