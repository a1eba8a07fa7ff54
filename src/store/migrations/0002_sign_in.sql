-- Sign-ins with Microsoft that are under way. What a browser and Microsoft know of one is kept as a hash only.
CREATE TABLE oauth_flows (
    state_hash TEXT NOT NULL PRIMARY KEY,
    browser_hash TEXT NOT NULL,
    verifier TEXT NOT NULL,
    platform TEXT,
    redirect TEXT,
    resume TEXT,
    expires_at BIGINT NOT NULL
);
CREATE INDEX oauth_flows_expiry ON oauth_flows (expires_at);

-- The first token of the login that this one was renewed from; nothing for that one itself.
ALTER TABLE auth_sessions ADD COLUMN parent_jti TEXT;
CREATE INDEX auth_sessions_token ON auth_sessions (token_jti);
