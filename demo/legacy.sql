-- A sample of the legacy application's database in its broken state: the application's model has business.voice_id,
-- the table does not. Everything else that the worker verifies is there.
CREATE TABLE business (
    id            serial       PRIMARY KEY,
    name          varchar(255) NOT NULL,
    business_type varchar(64)  NOT NULL,
    phone_e164    varchar(20),
    is_active     boolean      NOT NULL DEFAULT true,
    created_at    timestamp    NOT NULL DEFAULT now()
);

CREATE TABLE call_log (
    id                 serial       PRIMARY KEY,
    business_id        integer      NOT NULL REFERENCES business (id),
    call_sid           varchar(64)  NOT NULL UNIQUE,
    from_number        varchar(20),
    status             varchar(32)  NOT NULL DEFAULT 'completed',
    recording_mode     varchar(32),
    recording_sid      varchar(64),
    audio_bytes_len    bigint,
    audio_duration_sec double precision,
    transcript_source  varchar(32),
    stream_started_at  timestamp,
    stream_ended_at    timestamp,
    recording_count    integer      NOT NULL DEFAULT 0
);

CREATE TABLE leads (
    id          serial       PRIMARY KEY,
    business_id integer      NOT NULL REFERENCES business (id),
    name        varchar(255) NOT NULL,
    phone_e164  varchar(20),
    gender      varchar(16),
    status      varchar(32)  NOT NULL DEFAULT 'new'
);

INSERT INTO business (id, name, business_type, phone_e164) VALUES
    (1,  'Pizzeria Bella Napoli',    'restaurant',  '+12025550101'),
    (2,  'Harbor Dental Clinic',     'dentist',     '+12025550102'),
    (3,  'Sunrise Yoga Studio',      'fitness',     '+12025550103'),
    (4,  'Carmel Auto Repair',       'garage',      '+12025550104'),
    (5,  'Green Valley Real Estate', 'real estate', '+12025550105'),
    (42, 'Deep Thought Consulting',  'consulting',  '+12025550142');
SELECT setval('business_id_seq', 42);

INSERT INTO call_log (business_id, call_sid, from_number, recording_mode, recording_sid, audio_bytes_len,
                      audio_duration_sec, transcript_source, stream_started_at, stream_ended_at, recording_count) VALUES
    (1, 'CA0b2f6d1c8e7a4953b1d0c2e4f6a80911', '+12025550171', 'dual', 'RE5d41402abc4b2a76b9719d911017c592', 1843200,
     115.2, 'whisper', '2026-01-12 09:14:03', '2026-01-12 09:15:58', 1),
    (2, 'CA4c8e1a7f3b5d4260a9e8d7c6b5a49302', '+12025550172', 'mono', NULL, NULL, NULL, 'realtime',
     '2026-01-12 10:02:41', '2026-01-12 10:04:10', 0),
    (4, 'CA9d3f5b2a7c6e4181b0a1c2d3e4f50613', '+12025550173', 'off', NULL, NULL, NULL, NULL, NULL, NULL, 0);

INSERT INTO leads (business_id, name, phone_e164, gender, status) VALUES
    (1, 'Dana Levi',      '+12025550171', 'female', 'contacted'),
    (2, 'Marco Rossi',    '+12025550172', 'male',   'new'),
    (5, 'Alex Kim',       '+12025550174', NULL,     'qualified');
