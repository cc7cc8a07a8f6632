-- The private key of a programme, in the profile of the central office: it opens
-- what the programme's users published. Set once and never given out.
CREATE TABLE office_key (
    id      INTEGER PRIMARY KEY,
    owner   TEXT NOT NULL,
    secret  BLOB NOT NULL,             -- a file of age identities
    created TEXT NOT NULL
) STRICT;
CREATE INDEX office_key_owner ON office_key (owner);
