ALTER TABLE crash_reports ADD COLUMN received TEXT NOT NULL DEFAULT '';
CREATE INDEX crash_reports_received ON crash_reports (received);
