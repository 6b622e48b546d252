// The official Anthropic client at the proxy: its own header carries the proxy's token.
import Anthropic from '@anthropic-ai/sdk';
import { apiKey, assert, baseURL, messages } from './proxy-lib.mjs';

const anthropic = new Anthropic({ apiKey, baseURL: baseURL.replace(/\/v1$/, ''), maxRetries: 0 });
const ask = { model: 'claude-haiku-4-5', max_tokens: 256, messages };

const answer = await anthropic.messages.create(ask);
assert.equal(answer.content[0].type, 'text');
assert.ok(answer.content[0].text.length > 0 && answer.usage.output_tokens > 0);
assert.equal(answer.stop_reason, 'end_turn');

let text = '';
const whole = await anthropic.messages.stream(ask).on('text', (part) => (text += part)).finalMessage();
assert.equal(text, whole.content[0].text);
assert.equal(whole.stop_reason, 'end_turn');
assert.equal(whole.usage.output_tokens, answer.usage.output_tokens);

const tooled = await anthropic.messages.create({
  ...ask,
  tools: [{ name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }],
  tool_choice: { type: 'any' },
});
assert.equal(tooled.content.find((block) => block.type === 'tool_use').name, 'weather');
await assert.rejects(new Anthropic({ apiKey: 'wrong', baseURL: baseURL.replace(/\/v1$/, ''), maxRetries: 0 }).messages.create(ask), Anthropic.AuthenticationError);
console.log('done');
