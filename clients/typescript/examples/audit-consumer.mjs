// Keeps what an audit trail says of voices, each event exactly once: the table is in the ledger's database.
//
//     npm install pg
//     export DATABASE_URL=postgresql://billing@localhost/billing AMQP_URL=amqp://guest:guest@localhost/
//     node audit-consumer.mjs            # until SIGTERM
//     node audit-consumer.mjs --gaps     # what is missing; 1 if anything is
import pg from 'pg';
import { AuditConsumer } from 'voice-worker-client';
import { PgLedger } from './pg-ledger.mjs';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
// A connection that is lost while nobody uses it; without this it would end the program.
pool.on('error', (error) => console.warn(`PostgreSQL is not connected: ${error.message}`));
const ledger = new PgLedger(pool);

async function handle({ type, event }, connection) {
  if (type !== 'CallVoiceResolved') return;
  const sql = 'INSERT INTO voice_of_call (call_id, business_id, voice_id) VALUES ($1, $2, $3)';
  await connection.query(sql, [event.callId, event.businessId, event.voiceId]);
}

async function tellGaps() {
  const gaps = await ledger.gaps();
  for (const { stream, first, last } of gaps) console.log(`missing: ${stream} ${first}..${last}`);
  process.exitCode = gaps.length > 0 ? 1 : 0;
}

async function consume() {
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  const options = { queue: 'audit-billing', logger: console };
  await new AuditConsumer(process.env.AMQP_URL.split(','), handle, ledger, options).run(stop.signal);
}

await ledger.createTables();
await pool.query('CREATE TABLE IF NOT EXISTS voice_of_call (call_id text PRIMARY KEY, business_id int, voice_id text)');
await (process.argv.includes('--gaps') ? tellGaps() : consume());
await pool.end();
