// Starts calls and changes voices.
import { randomUUID } from 'node:crypto';
import amqp from 'amqplib';

const USAGE = `
node producer.mjs call BUSINESS_ID [TIMES]                 prints each answer: the voice to speak with, and why
node producer.mjs voice BUSINESS_ID VOICE_ID [--result]    gives a business another voice; prints what became of it
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

const [verb, businessId, argument, option, ...more] = process.argv.slice(2);
const known = verb === 'call' ? option === undefined
  : verb === 'voice' && argument !== undefined && [undefined, '--result'].includes(option);
if (!known || businessId === undefined || more.length) {
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
  const calls = Array.from({ length: times }, () => `CA-${randomUUID()}`);
  await ask('call-started', new Map(calls.map(
    (callId) => [callId, { callId, businessId: business, startedAt: new Date() }])));
}

async function changeVoice(voiceId) {
  const change = { businessId: business, voiceId, changedAt: new Date(), changedBy: 'producer.mjs' };
  if (option) return ask('business-voice-changed', new Map([[randomUUID(), change]]));
  publish('business-voice-changed', change);
  await channel.waitForConfirms(); // returns when RabbitMQ has it, or throws
}

// Publishes messages by correlation id and prints their answers.
async function ask(exchange, messages) {
  const waiting = new Set(messages.keys());
  const answered = new Promise((resolve, reject) => {
    channel.consume(REPLIES, (answer) => {
      const { type, correlationId } = answer.properties;
      if (['CallRefused', 'ChangeRefused'].includes(type)) return reject(new Refused(JSON.parse(answer.content)));
      console.log(answer.content.toString());
      waiting.delete(correlationId);
      if (waiting.size === 0) resolve();
    }, { noAck: true });
  });
  for (const [correlationId, message] of messages) publish(exchange, message, { replyTo: REPLIES, correlationId });
  const late = () => fail(`${waiting.size} messages have no answer yet: they are queued`);
  const patience = setTimeout(late, PATIENCE);
  await Promise.all([channel.waitForConfirms(), answered]);
  clearTimeout(patience);
}

function publish(exchange, message, properties = {}) {
  const options = { contentType: 'application/json', persistent: true, mandatory: true, ...properties };
  channel.publish(exchange, '', Buffer.from(JSON.stringify(message)), options);
}

function fail(reason, code = 1) {
  console.error(reason);
  process.exit(code);
}
