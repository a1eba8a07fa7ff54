-- The login API's first tables. The same text for SQLite and PostgreSQL; every number is a BIGINT, every time Unix milliseconds, every
-- UUID dashed text. A migration that has been released is never edited: add the next one.

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    idp TEXT NOT NULL,
    mc_uuid TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    disabled BIGINT NOT NULL DEFAULT 0,
    tokens_valid_after BIGINT NOT NULL DEFAULT 0,
    UNIQUE (idp, mc_uuid)
);

CREATE TABLE join_challenges (
    jti TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    server_id TEXT NOT NULL UNIQUE,
    -- 0 pending, 1 leased, 2 used
    state BIGINT NOT NULL DEFAULT 0,
    lease_id TEXT,
    lease_until BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX join_challenges_expiry ON join_challenges (expires_at, state);

CREATE TABLE auth_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ip TEXT,
    user_agent TEXT,
    profile_name TEXT NOT NULL,
    server_id TEXT NOT NULL,
    -- parted by spaces, as in a token
    scopes TEXT NOT NULL,
    token_jti TEXT NOT NULL,
    token_exp BIGINT NOT NULL
);
CREATE INDEX auth_sessions_history ON auth_sessions (user_id, created_at DESC, id DESC);
CREATE INDEX auth_sessions_age ON auth_sessions (created_at);
CREATE INDEX auth_sessions_addresses ON auth_sessions (created_at) WHERE ip IS NOT NULL OR user_agent IS NOT NULL;

-- Outlives its user, who is therefore not referred to.
CREATE TABLE revoked_tokens (
    jti TEXT NOT NULL PRIMARY KEY,
    user_id TEXT,
    expires_at BIGINT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX revoked_tokens_expiry ON revoked_tokens (expires_at);

CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    class TEXT NOT NULL,
    alg TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'retired')),
    -- PostgreSQL's word for bytes; SQLite keeps bytes as they are whatever the column is called.
    wrapped_private BYTEA NOT NULL,
    public_jwk TEXT NOT NULL,
    not_before BIGINT NOT NULL,
    retire_at BIGINT
);
CREATE UNIQUE INDEX signing_keys_one_active ON signing_keys (class) WHERE state = 'active';

CREATE TABLE name_bindings (
    folded TEXT NOT NULL PRIMARY KEY,
    upstream TEXT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE INDEX name_bindings_seen ON name_bindings (upstream, seen_at, folded);
