// Starts calls and changes voices.
import { randomUUID } from 'node:crypto';
import amqp from 'amqplib';

const USAGE = `
node producer.mjs call BUSINESS_ID [TIMES]      prints each answer: the voice to speak with, and why
node producer.mjs voice BUSINESS_ID VOICE_ID    gives a business another voice
`;
const PATIENCE = 60_000; // ms for all answers
const REPLIES = 'amq.rabbitmq.reply-to';

// The worker did not take a message, because it breaks the contract: which fields and which rules.
class Refused extends Error {
  constructor({ broken }) {
    super(broken.map(({ field, rule }) => `${field || 'message'}: ${rule}`).join('; '));
    this.broken = broken;
  }
}

const [verb, businessId, argument, ...more] = process.argv.slice(2);
if (!['call', 'voice'].includes(verb) || businessId === undefined || (verb === 'voice' && argument === undefined) || more.length) {
  fail(USAGE.trim(), 2);
}
const business = number('BUSINESS_ID', businessId);
const action = verb === 'call' ? startCalls.bind(null, number('TIMES', argument ?? '1')) : changeVoice.bind(null, voice(argument));

const connection = await amqp.connect(process.env.AMQP_URL ?? 'amqp://localhost', { timeout: 10_000 })
  .catch((error) => fail(`RabbitMQ does not answer: ${error.message || error.code}`));
const channel = await connection.createConfirmChannel();
channel.on('return', () => fail('no queue takes it: is the worker installed?'));
await action().catch((error) => fail(error instanceof Refused ? `refused: ${error.message}` : error));
await connection.close();

// What breaks the contract would be moved to the worker's error queue: it is refused here, before it is sent.
function number(name, text) {
  if (/^[0-9]{1,10}$/.test(text) && Number(text) >= 1 && Number(text) <= 2 ** 31 - 1) return Number(text);
  return fail(`${name} must be an integer from 1 to 2147483647, not '${text}'`, 2);
}

function voice(text) {
  if (/^[^\p{C}\p{Zl}\p{Zp}]{1,32}$/u.test(text.trim())) return text;
  return fail(`VOICE_ID must be 1 to 32 printable characters, not '${text}'`, 2);
}

async function startCalls(times) {
  const waiting = new Set();
  const answered = new Promise((resolve, reject) => {
    channel.consume(REPLIES, (answer) => {
      if (answer.properties.type === 'CallRefused') return reject(new Refused(JSON.parse(answer.content)));
      console.log(answer.content.toString());
      waiting.delete(answer.properties.correlationId);
      if (waiting.size === 0) resolve();
    }, { noAck: true });
  });
  const calls = Array.from({ length: times }, () => `CA-${randomUUID()}`);
  calls.forEach((callId) => waiting.add(callId));
  for (const callId of calls) {
    const call = { callId, businessId: business, startedAt: new Date() };
    publish('call-started', call, { replyTo: REPLIES, correlationId: callId });
  }
  const late = () => fail(`${waiting.size} calls have no answer yet: they are queued`);
  const patience = setTimeout(late, PATIENCE);
  await Promise.all([channel.waitForConfirms(), answered]);
  clearTimeout(patience);
}

async function changeVoice(voiceId) {
  const change = { businessId: business, voiceId, changedAt: new Date(), changedBy: 'producer.mjs' };
  publish('business-voice-changed', change);
  await channel.waitForConfirms(); // returns when RabbitMQ has it, or throws
}

function publish(exchange, message, properties = {}) {
  const options = { contentType: 'application/json', persistent: true, mandatory: true, ...properties };
  channel.publish(exchange, '', Buffer.from(JSON.stringify(message)), options);
}

function fail(reason, code = 1) {
  console.error(reason);
  process.exit(code);
}
