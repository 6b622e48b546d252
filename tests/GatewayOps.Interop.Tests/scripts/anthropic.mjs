// The official Anthropic client on the provider's own path.
import Anthropic from '@anthropic-ai/sdk';
import { account_id, admin, all, assert, cloudflare, gatewayUrl, newGateway } from './lib.mjs';

const gateway_id = 'prod';
await newGateway(gateway_id);
const anthropic = new Anthropic({ apiKey: 'sk-ant-test', baseURL: `${gatewayUrl}/${gateway_id}/anthropic`, maxRetries: 0 });
const ask = { model: 'claude-haiku-4-5', max_tokens: 256, messages: [{ role: 'user', content: 'What is a gateway?' }] };

const answer = await anthropic.messages.create(ask);
assert.equal(answer.content[0].type, 'text');
assert.ok(answer.content[0].text.length > 0 && answer.usage.output_tokens > 0);
assert.equal(answer.stop_reason, 'end_turn');

let text = '';
const stream = anthropic.messages.stream(ask).on('text', (part) => (text += part));
const whole = await stream.finalMessage();
assert.equal(text, whole.content[0].text);
assert.equal(whole.stop_reason, 'end_turn');

const tooled = await anthropic.messages.create({
  ...ask,
  tools: [{ name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }],
  tool_choice: { type: 'any' },
});
const use = tooled.content.find((block) => block.type === 'tool_use');
assert.equal(use.name, 'weather');
assert.equal(typeof use.input.city, 'string');
assert.equal(tooled.stop_reason, 'tool_use');

// The call and its result, and a call that is streamed.
const told = await anthropic.messages.create({
  ...ask, tools: [{ name: 'weather', input_schema: { type: 'object' } }],
  messages: [...ask.messages, { role: 'assistant', content: tooled.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'sunny' }] }],
});
assert.equal(told.stop_reason, 'end_turn');
assert.ok(told.usage.input_tokens > answer.usage.input_tokens);
const live = await anthropic.messages.stream({
  ...ask, tools: [{ name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }], tool_choice: { type: 'tool', name: 'weather' },
}).finalMessage();
assert.deepEqual(live.content.find((block) => block.type === 'tool_use').input, use.input);
const counted = await anthropic.messages.countTokens({ model: ask.model, messages: ask.messages });
assert.equal(counted.input_tokens, answer.usage.input_tokens);
assert.equal((await anthropic.messages.create({ ...ask, max_tokens: 1 })).stop_reason, 'max_tokens');

// Its errors by class, and its retries.
await newGateway('plain');
const plain = new Anthropic({ apiKey: 'sk-ant-test', baseURL: `${gatewayUrl}/plain/anthropic` });
for (const [status, type] of [[401, Anthropic.AuthenticationError], [403, Anthropic.PermissionDeniedError], [404, Anthropic.NotFoundError], [429, Anthropic.RateLimitError], [529, Anthropic.InternalServerError]]) {
  await admin('PUT', 'upstreams/anthropic/fault', { status, times: 1 });
  await assert.rejects(plain.messages.create(ask, { maxRetries: 0 }), type);
}
await admin('PUT', 'upstreams/anthropic/fault', { status: 529, retryAfterSeconds: 1, times: 1 });
assert.equal((await plain.messages.create(ask)).content[0].text, answer.content[0].text);
assert.deepEqual((await all(cloudflare.aiGateway.logs.list('plain', { account_id }))).map((row) => row.status_code), [200, 529, 529, 429, 404, 403, 401]);
await newGateway('limited', { rate_limiting_limit: 1, rate_limiting_interval: 3600 });
const limited = new Anthropic({ apiKey: 'sk-ant-test', baseURL: `${gatewayUrl}/limited/anthropic`, maxRetries: 0 });
await limited.messages.create(ask);
await assert.rejects(limited.messages.create(ask), Anthropic.RateLimitError);

await assert.rejects(anthropic.messages.create({ ...ask, messages: [] }), Anthropic.BadRequestError);
await assert.rejects(
  new Anthropic({ apiKey: 'sk-ant-test', baseURL: `${gatewayUrl}/nowhere/anthropic`, maxRetries: 0 }).messages.create(ask),
  (error) => error.status === 400 && JSON.stringify(error.error).includes('2001'));

const rows = await all(cloudflare.aiGateway.logs.list(gateway_id, { account_id, provider: 'anthropic', model: 'claude-haiku-4-5' }));
assert.ok(rows.length >= 3 && rows.every((row) => !row.success || row.path.endsWith('count_tokens') || row.tokens_out > 0), JSON.stringify(rows));
console.log('done');
