CREATE TABLE migrations (name TEXT PRIMARY KEY, version INTEGER NOT NULL);
CREATE TABLE audit (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL CHECK (kind IN ('intent', 'outcome')),
	call INTEGER NOT NULL, -- seq of the call's intent
	time INTEGER NOT NULL, -- nanoseconds since 1970
	run INTEGER NOT NULL, caller TEXT NOT NULL, skill TEXT NOT NULL, input TEXT NOT NULL,
	risk TEXT NOT NULL, tainted INTEGER NOT NULL, decision TEXT NOT NULL, decided_by TEXT NOT NULL,
	outcome TEXT NOT NULL, error TEXT NOT NULL, duration_ms INTEGER NOT NULL,
	prev TEXT NOT NULL, hash TEXT NOT NULL,
	UNIQUE (call, kind)
);
CREATE INDEX audit_run ON audit (run) WHERE kind = 'intent';
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
INSERT INTO audit VALUES (1, 'intent', 1, 1795547084980907804, 7, 'agent', 'calculate', '{"expression":"6*7"}', 'safe', 0, 'allow', 'tier', '', '', 0, '0000000000000000000000000000000000000000000000000000000000000000', '3d7c45c51fcc2f90d92cd8a70ea635d7525f56f81a3122f1ae09cd73c0294ac9');
INSERT INTO audit VALUES (2, 'outcome', 1, 1795547084981871610, 7, '', '', '', '', 0, '', '', 'ok', '', 2, '3d7c45c51fcc2f90d92cd8a70ea635d7525f56f81a3122f1ae09cd73c0294ac9', 'ba50f54bbf0129f43b057420b9ba7d55a0d6339ded44c0fff7a0ca639fd3fdcd');
INSERT INTO audit VALUES (3, 'intent', 3, 1795547084982517912, 7, 'agent', 'clipboard_write', '{"text":"it''s <b>"}', 'safe', 1, 'ask', 'nobody', '', '', 0, 'ba50f54bbf0129f43b057420b9ba7d55a0d6339ded44c0fff7a0ca639fd3fdcd', '34acf04c7466aa1a2ec4b75ea11a80238c9dedad374f48bb87f89eec0352f53a');
INSERT INTO audit VALUES (4, 'outcome', 3, 1795547084982635716, 7, '', '', '', '', 0, '', '', 'refused', 'nobody can give it', 0, '34acf04c7466aa1a2ec4b75ea11a80238c9dedad374f48bb87f89eec0352f53a', 'cf8869471222bb4b2fc32cd101c8b0f4a64587cecc2cbeda6e250461b44dbc9e');
INSERT INTO audit VALUES (5, 'intent', 5, 1795547084983285214, 7, 'agent', 'open_path', '{"path":"/tmp"}', 'safe', 0, 'allow', 'tier', '', '', 0, 'cf8869471222bb4b2fc32cd101c8b0f4a64587cecc2cbeda6e250461b44dbc9e', '3825b2672e535da82be06201288c32dc04a2d1b5de1750f65964c94f20e41f5e');
INSERT INTO migrations VALUES ('audit', 1);
