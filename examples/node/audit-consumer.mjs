// Keeps the audit trail: every event once, and the proof that none is missing or altered.
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import amqp from 'amqplib';
import { Ledger, proof } from './ledger.mjs';

const USAGE = `
node audit-consumer.mjs            consumes until it is stopped
node audit-consumer.mjs --proof    says what is there, missing and altered; 1 if anything is

AMQP_URL, AUDIT_QUEUE (audit-node), AUDIT_FILE (audit.jsonl). One process for each queue and file.
`;
const QUEUE = process.env.AUDIT_QUEUE ?? 'audit-node';
const FILE = process.env.AUDIT_FILE ?? 'audit.jsonl';

// Nothing is dropped, however often this process is killed, and where a policy limits the queue the worker waits.
// One consumer at a time: in order, also while RabbitMQ has not noticed that the connection before this one is dead.
const QUEUE_ARGUMENTS = {
  'x-queue-type': 'quorum', 'x-delivery-limit': 2 ** 31 - 1, 'x-overflow': 'reject-publish', 'x-single-active-consumer': true,
};

const [option] = process.argv.slice(2);
if (option === '--proof') {
  const { events, streams, missing, repeated, altered } = proof(FILE);
  console.log(`events ${events}, streams ${streams}, missing ${missing}, repeated ${repeated}, altered ${altered.length}`);
  for (const { stream, sequence } of altered) console.log(`altered: ${stream} ${sequence}`);
  process.exit(missing || repeated || altered.length ? 1 : 0);
}
if (option) {
  console.error(USAGE.trim());
  process.exit(2);
}

for (;;) {
  try {
    await consume();
  } catch (error) {
    console.log(`connection lost (${error.message || error.code}), again in 1 s`);
  }
  await pause(1000);
}

// Throws or returns when the connection is gone; what was not acknowledged comes again, to a ledger that is read anew.
async function consume() {
  const connection = await amqp.connect(process.env.AMQP_URL ?? 'amqp://localhost');
  connection.on('error', () => {}); // 'close' follows
  const channel = await connection.createChannel();
  const gone = Promise.race([once(connection, 'close'), once(channel, 'close')]);
  await channel.assertExchange('voice-audit', 'fanout', { durable: true });
  await channel.assertQueue(QUEUE, { durable: true, arguments: QUEUE_ARGUMENTS });
  await channel.bindQueue(QUEUE, 'voice-audit', '');
  await channel.prefetch(500);

  const ledger = new Ledger(FILE);
  let [added, again, replayed, last] = [0, 0, 0, null];
  await channel.consume(QUEUE, (delivery) => {
    if (delivery === null) return void channel.close(); // the queue was deleted
    if (ledger.add(delivery.content.toString(), delivery.properties.type)) added++;
    else again++;
    if (delivery.properties.headers['x-replay'] === true) replayed++;
    if (last === null) setImmediate(settle); // whatever else has arrived by then shares its write
    last = delivery;
  });
  console.log(`consuming ${QUEUE}`);
  try {
    await gone;
  } finally {
    last = null;
    ledger.close();
    connection.close().catch(() => {});
  }

  function settle() {
    if (last === null) return;
    ledger.commit(); // first durable, then acknowledged: a crash in between brings them again, and they are dropped
    channel.ack(last, true);
    last = null;
    console.log(`new ${added}, dropped ${again}, replayed ${replayed}`);
  }
}
