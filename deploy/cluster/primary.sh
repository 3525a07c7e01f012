#!/usr/bin/env bash
# Run once by PostgreSQL's image, when it makes the primary's data: a role for the standby, and COMMIT waits for one.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v password="$REPLICATION_PASSWORD" -U postgres <<'SQL'
CREATE ROLE replicator REPLICATION LOGIN PASSWORD :'password';
-- In force from the next start on: there is no standby yet that the rest of this start could wait for.
ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)';
SQL
echo 'host replication replicator all scram-sha-256' >>"$PGDATA/pg_hba.conf"
