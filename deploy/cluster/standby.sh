#!/usr/bin/env bash
# Makes a standby of postgres1 when there is no data yet, and runs it.
set -euo pipefail
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    chmod 700 "$PGDATA"
    PGPASSWORD=$REPLICATION_PASSWORD pg_basebackup -h postgres1 -U replicator -D "$PGDATA" -X stream -R
fi
exec postgres
