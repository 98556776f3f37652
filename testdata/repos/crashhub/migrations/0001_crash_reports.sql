CREATE TABLE crash_reports (
    crash_id  TEXT PRIMARY KEY,
    product   TEXT NOT NULL,
    release   TEXT NOT NULL,
    signature TEXT NOT NULL
);
