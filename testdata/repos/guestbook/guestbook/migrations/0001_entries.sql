CREATE TABLE entries (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,
    line    TEXT NOT NULL,
    written INTEGER NOT NULL
);
