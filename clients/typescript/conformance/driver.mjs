// Carries out what the conformance suite says: ../../conformance/README.md.
import { createInterface } from 'node:readline';
import { AuditConsumer, ContractError, FileLedger, NotConfirmedError, VoiceClient } from 'voice-worker-client';

const urls = process.env.AMQP_URLS.split(' ');
const logger = { info: console.error, warn: console.error, error: console.error };
const client = new VoiceClient(urls, { logger });
const ledgers = new Map();
const stop = new AbortController();
const running = new Set();

const acts = {
  async voiceFor({ businessId, callId, timeout, default: byDefault }) {
    const voice = await client.voiceFor({ businessId, callId, timeoutMs: ms(timeout), default: byDefault });
    return { voiceId: voice.voiceId, source: voice.source, reason: voice.reason };
  },
  async changeVoice({ businessId, voiceId, timeout, changedBy, changedAt }) {
    const change = await client.changeVoice({ businessId, voiceId, changedBy, changedAt, timeoutMs: ms(timeout) });
    const { outcome, reason, standingVoiceId } = change;
    return { outcome, reason, standingVoiceId, voiceId: change.voiceId, changedAt: change.changedAt };
  },
  counts: async () => client.counts,
  async consume({ queue, ledger, failAt }) {
    const consumer = new AuditConsumer(urls, handlerOf(failAt), ledgerOf(ledger), { queue, logger });
    keep(consumer.run(stop.signal));
    return { consuming: true };
  },
  async gaps({ ledger }) {
    return { gaps: (await ledgerOf(ledger).gaps()).map(({ stream, first, last }) => [stream, first, last]) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim()) keep(carryOut(JSON.parse(line)));
}
stop.abort();
await Promise.all([client.close(), ...running]);

async function carryOut({ id, do: act, ...fields }) {
  const begin = performance.now();
  let answer;
  try {
    answer = await acts[act](fields);
  } catch (error) {
    answer = answerOf(error);
  }
  say({ id, ...answer, ms: performance.now() - begin });
}

function answerOf(error) {
  if (error instanceof ContractError) return { error: 'contract', kind: error.error, broken: error.broken };
  if (error instanceof NotConfirmedError) return { error: 'notConfirmed', changedAt: error.changedAt };
  return { error: 'other', text: String(error) };
}

function handlerOf(failAt) {
  let hasFailed = false;
  return ({ amqpType, body, isReplay, isAltered }) => {
    if (body.eventId === failAt && !hasFailed) {
      hasFailed = true;
      throw new Error('as the suite has it');
    }
    const { eventId, stream, sequence } = body;
    say({ event: { eventId, stream, sequence, type: amqpType, isReplay, isAltered } });
  };
}

function ledgerOf(path) {
  if (!ledgers.has(path)) ledgers.set(path, new FileLedger(path));
  return ledgers.get(path);
}

function keep(promise) {
  running.add(promise);
  promise.finally(() => running.delete(promise));
}

function ms(seconds) {
  return seconds === undefined ? undefined : seconds * 1000;
}

function say(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
