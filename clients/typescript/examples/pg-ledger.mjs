// A ledger in the consumer's own PostgreSQL, by pg: each event has its effect exactly once.

// An application has a migration for them.
const TABLES = `
  CREATE TABLE IF NOT EXISTS voice_audit_progress (stream text PRIMARY KEY, last bigint NOT NULL, hash text);
  CREATE TABLE IF NOT EXISTS voice_audit_gap (
    stream text, first bigint, last bigint NOT NULL, PRIMARY KEY (stream, first));`;

/** @implements {import('voice-worker-client').Ledger<import('pg').PoolClient>} */
export class PgLedger {
  #pool;

  /** @param {import('pg').Pool} pool */
  constructor(pool) {
    this.#pool = pool;
  }

  async createTables() {
    await this.#pool.query(TABLES);
  }

  /** The handler gets the client of the transaction: what it writes there is committed with the note of its event. */
  async transaction(work) {
    const connection = await this.#pool.connect();
    let broken;
    // Its loss fails what is asked next. Without somebody who listens it would end the program.
    const onLoss = (error) => (broken = error);
    connection.on('error', onLoss);
    try {
      await connection.query('BEGIN');
      const result = await work(new PgTransaction(connection));
      await connection.query('COMMIT');
      return result;
    } catch (error) {
      broken = await connection.query('ROLLBACK').then(() => broken, (failure) => failure);
      throw error;
    } finally {
      connection.off('error', onLoss);
      // One that cannot roll back is closed, which rolls back too.
      connection.release(broken);
    }
  }

  async gaps() {
    const { rows } = await this.#pool.query('SELECT stream, first, last FROM voice_audit_gap ORDER BY stream, first');
    return rows.map(gapOf);
  }
}

class PgTransaction {
  constructor(connection) {
    this.connection = connection;
  }

  // A second consumer of the same queue, against the rule, waits here.
  async progress(stream) {
    const [row] = await this.#rows('SELECT last, hash FROM voice_audit_progress WHERE stream = $1 FOR UPDATE', stream);
    return row ? { last: Number(row.last), hash: row.hash } : { last: 0, hash: null };
  }

  async setProgress(stream, { last, hash }) {
    await this.#rows(`
      INSERT INTO voice_audit_progress VALUES ($1, $2, $3)
      ON CONFLICT (stream) DO UPDATE SET last = excluded.last, hash = excluded.hash`, stream, last, hash);
  }

  async addGap({ stream, first, last }) {
    await this.#rows('INSERT INTO voice_audit_gap VALUES ($1, $2, $3)', stream, first, last);
  }

  async removeGap(stream, sequence) {
    const [row] = await this.#rows(`
      DELETE FROM voice_audit_gap WHERE stream = $1 AND first <= $2 AND last >= $2
      RETURNING stream, first, last`, stream, sequence);
    return row && gapOf(row);
  }

  async #rows(sql, ...values) {
    return (await this.connection.query(sql, values)).rows;
  }
}

// pg has bigint as text.
function gapOf({ stream, first, last }) {
  return { stream, first: Number(first), last: Number(last) };
}
