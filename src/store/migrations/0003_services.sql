-- Services that players let use their account. Lists are parted by spaces, which neither addresses nor scopes have.
CREATE TABLE services (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    redirects TEXT NOT NULL,
    permissions TEXT NOT NULL,
    verification_level TEXT NOT NULL,
    verified BIGINT NOT NULL,
    native BIGINT NOT NULL,
    -- SHA-256, in hexadecimal
    secret_hash TEXT,
    disabled BIGINT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('file', 'command')),
    created_at BIGINT NOT NULL
);

CREATE TABLE consents (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    service_id TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    permissions TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    revoked_at BIGINT,
    -- outlives the next grant: a token of before does not come back with it
    tokens_valid_after BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, service_id)
);
CREATE INDEX consents_of_services ON consents (service_id);

CREATE TABLE consent_requests (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    redirect TEXT NOT NULL,
    permissions TEXT NOT NULL,
    state TEXT,
    -- of who wants a code; who wants a token has none
    challenge TEXT,
    expires_at BIGINT NOT NULL
);
CREATE INDEX consent_requests_of_services ON consent_requests (service_id);
CREATE INDEX consent_requests_expiry ON consent_requests (expires_at);

-- Kept for a while after their use, so that a second one is noticed.
CREATE TABLE service_codes (
    code_hash TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    redirect TEXT NOT NULL,
    permissions TEXT NOT NULL,
    challenge TEXT NOT NULL,
    methods TEXT NOT NULL,
    authenticated_at BIGINT NOT NULL,
    -- the token of the one who approved
    parent_jti TEXT NOT NULL,
    parent_issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    token_jti TEXT,
    token_exp BIGINT
);
CREATE INDEX service_codes_of_services ON service_codes (service_id);
CREATE INDEX service_codes_of_users ON service_codes (user_id);
CREATE INDEX service_codes_expiry ON service_codes (expires_at);
