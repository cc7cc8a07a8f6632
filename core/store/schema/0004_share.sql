-- Sharing: where results are sent, with which keys, what was seen there, and
-- what still waits to be sent. Unlike the rest of the store these rows change
-- and go; what was sent and when stands in the audit.

-- The seeds of the identities that seal and sign, the newest last.
CREATE TABLE share_key (
    id      INTEGER PRIMARY KEY,
    owner   TEXT NOT NULL,
    kid     TEXT NOT NULL UNIQUE,      -- fingerprint of the public key
    seed    BLOB NOT NULL,
    created TEXT NOT NULL
) STRICT;

CREATE TABLE remote (
    id       INTEGER PRIMARY KEY,
    owner    TEXT NOT NULL,
    name     TEXT NOT NULL UNIQUE,
    settings TEXT NOT NULL,            -- JSON, the access key's secret among it
    created  TEXT NOT NULL
) STRICT;

-- Every manifest ever seen at a remote, sealed as it lay there. One that is
-- listed no more, or is another now, was taken away.
CREATE TABLE remote_manifest (
    remote INTEGER NOT NULL REFERENCES remote(id),
    key    TEXT NOT NULL,
    owner  TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (remote, key)
) STRICT;

-- The outbox. A shipment keeps its sealed parts until it is delivered.
CREATE TABLE shipment (
    id       INTEGER PRIMARY KEY,
    owner    TEXT NOT NULL,
    remote   INTEGER NOT NULL REFERENCES remote(id),
    project  INTEGER REFERENCES project(id), -- whose results it holds; NULL for a whole profile
    kind     TEXT NOT NULL,
    title    TEXT NOT NULL,
    entry    TEXT NOT NULL,            -- JSON: the manifest's entry, its parts excepted
    state    TEXT NOT NULL,            -- waiting, paused, delivered, cancelled
    created  TEXT NOT NULL,
    changed  TEXT NOT NULL,
    attempts INTEGER NOT NULL,         -- since something got through
    next     TEXT NOT NULL,            -- when to try again, '' for at once
    trouble  TEXT NOT NULL             -- what kept it last, '' for nothing
) STRICT;

CREATE TABLE shipment_part (
    shipment INTEGER NOT NULL REFERENCES shipment(id),
    ordinal  INTEGER NOT NULL,
    owner    TEXT NOT NULL,
    name     TEXT NOT NULL,
    size     INTEGER NOT NULL,         -- sealed
    sha256   TEXT NOT NULL,            -- of what lies, or shall lie, at the remote
    stored   INTEGER NOT NULL,         -- 1 when it lies there
    sealed   BLOB,                     -- NULL once the shipment is delivered or cancelled
    PRIMARY KEY (shipment, ordinal)
) STRICT;
CREATE INDEX remote_manifest_owner ON remote_manifest (owner, remote);
CREATE INDEX shipment_part_owner ON shipment_part (owner, shipment);
