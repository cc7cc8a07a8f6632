-- One user's store. Every row names its owner, and every read checks it.
-- Times are RFC 3339 in UTC. Hashes are lower-case hexadecimal SHA-256.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE project (
    id      INTEGER PRIMARY KEY,
    owner   TEXT NOT NULL,
    name    TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL
) STRICT;

-- A run is one act done once: with which parameters, on what, by which
-- version of the program. Its results are written in the same transaction.
CREATE TABLE run (
    id       INTEGER PRIMARY KEY,
    owner    TEXT NOT NULL,
    project  INTEGER NOT NULL REFERENCES project(id),
    act      TEXT NOT NULL,
    params   TEXT NOT NULL,            -- JSON of the act's parameters
    seed     INTEGER NOT NULL,         -- 0 where the act draws nothing at random
    version  TEXT NOT NULL,            -- of the program
    started  TEXT NOT NULL,
    finished TEXT NOT NULL,
    summary  TEXT NOT NULL,
    notices  TEXT NOT NULL             -- JSON list of sentences
) STRICT;

-- A dataset is one version of one table: imported, or the result of a run.
-- Versions are only ever added.
CREATE TABLE dataset (
    id          INTEGER PRIMARY KEY,
    owner       TEXT NOT NULL,
    project     INTEGER NOT NULL REFERENCES project(id),
    run         INTEGER NOT NULL REFERENCES run(id),
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    version     INTEGER NOT NULL,
    rows        INTEGER NOT NULL,
    sha256      TEXT NOT NULL,         -- of the table's content (and geometry)
    source      TEXT NOT NULL,         -- file name as given, '' for results
    source_hash TEXT NOT NULL,         -- SHA-256 of that file
    report      TEXT NOT NULL,         -- JSON: what reading or computing found
    UNIQUE (project, kind, name, version)
) STRICT;

CREATE TABLE dataset_column (
    dataset INTEGER NOT NULL REFERENCES dataset(id),
    ordinal INTEGER NOT NULL,
    owner   TEXT NOT NULL,
    name    TEXT NOT NULL,
    role    TEXT NOT NULL,
    unit    TEXT NOT NULL,
    origin  TEXT NOT NULL,
    cells   BLOB NOT NULL,             -- core/table's stored form
    PRIMARY KEY (dataset, ordinal)
) STRICT;

CREATE TABLE area (
    dataset  INTEGER NOT NULL REFERENCES dataset(id),
    ordinal  INTEGER NOT NULL,
    owner    TEXT NOT NULL,
    geometry BLOB,                     -- WKB multipolygon, WGS 84; NULL without geometry
    PRIMARY KEY (dataset, ordinal)
) STRICT;

CREATE TABLE run_input (
    run     INTEGER NOT NULL REFERENCES run(id),
    ordinal INTEGER NOT NULL,
    owner   TEXT NOT NULL,
    dataset INTEGER NOT NULL REFERENCES dataset(id),
    PRIMARY KEY (run, ordinal)
) STRICT;

-- What a person decided about a name, newest last; the newest counts.
CREATE TABLE place_decision (
    id          INTEGER PRIMARY KEY,
    owner       TEXT NOT NULL,
    project     INTEGER NOT NULL REFERENCES project(id),
    run         INTEGER NOT NULL REFERENCES run(id),
    given_state TEXT NOT NULL,
    given_lga   TEXT NOT NULL,
    given_ward  TEXT NOT NULL,
    given_code  TEXT NOT NULL,
    state       TEXT NOT NULL,
    lga         TEXT NOT NULL,
    ward        TEXT NOT NULL,
    ward_code   TEXT NOT NULL,
    decision    TEXT NOT NULL
) STRICT;
