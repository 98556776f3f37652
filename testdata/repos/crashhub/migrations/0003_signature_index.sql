CREATE INDEX crash_reports_signature ON crash_reports (signature);
