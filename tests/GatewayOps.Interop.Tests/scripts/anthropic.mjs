// The official Anthropic client on the provider's own path.
import Anthropic from '@anthropic-ai/sdk';
import { account_id, all, assert, cloudflare, gatewayUrl, newGateway } from './lib.mjs';

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

await assert.rejects(anthropic.messages.create({ ...ask, messages: [] }), Anthropic.BadRequestError);
await assert.rejects(
  new Anthropic({ apiKey: 'sk-ant-test', baseURL: `${gatewayUrl}/nowhere/anthropic`, maxRetries: 0 }).messages.create(ask),
  (error) => error.status === 400 && JSON.stringify(error.error).includes('2001'));

const rows = await all(cloudflare.aiGateway.logs.list(gateway_id, { account_id, provider: 'anthropic', model: 'claude-haiku-4-5' }));
assert.ok(rows.length >= 3 && rows.every((row) => !row.success || row.tokens_out > 0), JSON.stringify(rows));
console.log('done');
