// The official OpenAI client on the data plane: a provider's own path, /compat, streams, tools, structured output, responses and embeddings.
import OpenAI from 'openai';
import { account_id, admin, all, assert, cloudflare, gatewayUrl, newGateway } from './lib.mjs';

const gateway_id = 'prod';
await newGateway(gateway_id, { cache_ttl: 300 });
const client = (path, more = {}) => new OpenAI({ apiKey: 'sk-test', baseURL: `${gatewayUrl}/${gateway_id}/${path}`, maxRetries: 0, ...more });
const openai = client('openai');
const messages = [{ role: 'user', content: 'What is a gateway?' }];

const { data: answer, response } = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages }).withResponse();
assert.ok(answer.choices[0].message.content.length > 0);
assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
assert.equal(response.headers.get('cf-aig-cache-status'), 'MISS');
assert.match(response.headers.get('cf-aig-log-id'), /^[0-9A-HJKMNP-TV-Z]{26}$/);
const again = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages }).withResponse();
assert.equal(again.response.headers.get('cf-aig-cache-status'), 'HIT');
assert.deepEqual(again.data, answer);

const parts = [];
let usage;
const stream = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true, stream_options: { include_usage: true } });
for await (const chunk of stream) {
  if (chunk.choices[0]?.delta?.content) parts.push(chunk.choices[0].delta.content);
  usage = chunk.usage ?? usage;
}
assert.ok(parts.length > 1 && usage.completion_tokens > 0);

const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } }];
const called = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages, tools, tool_choice: 'required' });
const call = called.choices[0].message.tool_calls[0];
assert.equal(call.function.name, 'weather');
assert.equal(typeof JSON.parse(call.function.arguments).city, 'string');

const structured = await openai.chat.completions.parse({
  model: 'gpt-4o-mini', messages,
  response_format: {
    type: 'json_schema',
    json_schema: { name: 'answer', strict: true, schema: { type: 'object', properties: { score: { type: 'integer', minimum: 1, maximum: 5 } }, required: ['score'], additionalProperties: false } },
  },
});
assert.ok(Number.isInteger(JSON.parse(structured.choices[0].message.content).score));

const told = await openai.responses.create({ model: 'gpt-4o-mini', input: 'Hello' });
assert.ok(told.output_text.length > 0 && told.status === 'completed');
const events = [];
for await (const event of await openai.responses.create({ model: 'gpt-4o-mini', input: 'Hello', stream: true })) events.push(event.type);
assert.equal(events[0], 'response.created');
assert.equal(events.at(-1), 'response.completed');

const { data: vectors } = await openai.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'] });
const { data: floats } = await openai.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'], encoding_format: 'float' });
assert.equal(vectors.length, 2);
assert.ok(Math.abs(vectors[1].embedding[0] - floats[1].embedding[0]) < 1e-6);

// One address for all providers; the prefix of the model names it.
const compat = client('compat');
for (const model of ['openai/gpt-4o-mini', 'anthropic/claude-sonnet-4-5', 'google-ai-studio/gemini-2.5-flash', 'groq/llama-3.3-70b-versatile', 'workers-ai/@cf/meta/llama-3.1-8b-instruct'])
  assert.ok((await compat.chat.completions.create({ model, messages })).choices[0].message.content.length > 0, model);
await assert.rejects(compat.chat.completions.create({ model: 'gpt-4o-mini', messages }), (error) => error instanceof OpenAI.BadRequestError && JSON.stringify(error.error).includes('2019'));
await assert.rejects(
  new OpenAI({ apiKey: 'sk-test', baseURL: `${gatewayUrl}/nowhere/openai`, maxRetries: 0 }).chat.completions.create({ model: 'gpt-4o-mini', messages }),
  (error) => error instanceof OpenAI.BadRequestError && JSON.stringify(error.error).includes('2001'));
await assert.rejects(client('nobody').chat.completions.create({ model: 'x', messages }), (error) => error.status === 400 && JSON.stringify(error.error).includes('2008'));

// The limit of the gateway is a 429 that the client knows.
await newGateway('limited', { rate_limiting_limit: 1, rate_limiting_interval: 3600 });
const limited = new OpenAI({ apiKey: 'sk-test', baseURL: `${gatewayUrl}/limited/openai`, maxRetries: 0 });
await limited.chat.completions.create({ model: 'gpt-4o-mini', messages });
await assert.rejects(limited.chat.completions.create({ model: 'gpt-4o-mini', messages }), OpenAI.RateLimitError);

// Retries: the client waits as the gateway says, and no longer once the window is over.
await assert.rejects(limited.chat.completions.create({ model: 'gpt-4o-mini', messages }, { maxRetries: 1 }), OpenAI.RateLimitError);
await admin('POST', 'clock/advance', { seconds: 3601 });
assert.ok((await limited.chat.completions.create({ model: 'gpt-4o-mini', messages })).id);
await newGateway('plain');
const plain = new OpenAI({ apiKey: 'sk-test', baseURL: `${gatewayUrl}/plain/openai` });
await admin('PUT', 'upstreams/openai/fault', { status: 429, retryAfterSeconds: 1, times: 1 });
assert.ok((await plain.chat.completions.create({ model: 'gpt-4o-mini', messages })).choices[0].message.content.length > 0);
const attempts = await all(cloudflare.aiGateway.logs.list('plain', { account_id }));
assert.deepEqual(attempts.map((row) => row.status_code), [200, 429]);

// A provider's own error is the provider's, in the class that its client has for it.
for (const [status, type] of [[401, OpenAI.AuthenticationError], [403, OpenAI.PermissionDeniedError], [404, OpenAI.NotFoundError], [422, OpenAI.UnprocessableEntityError], [500, OpenAI.InternalServerError]]) {
  await admin('PUT', 'upstreams/openai/fault', { status, times: 1 });
  await assert.rejects(plain.chat.completions.create({ model: 'gpt-4o-mini', messages }, { maxRetries: 0 }), type);
}
await admin('PUT', 'upstreams/openai/fault', { delayMs: 2000, times: 1 });
await assert.rejects(plain.chat.completions.create({ model: 'gpt-4o-mini', messages }, { timeout: 100, maxRetries: 0 }), OpenAI.APIConnectionTimeoutError);
await admin('DELETE', 'upstreams/openai/fault');
await admin('PUT', 'upstreams/openai/fault', { cutAfterEvents: 2, times: 1 });
await assert.rejects(async () => {
  for await (const chunk of await plain.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true })) assert.ok(chunk.id);
});

// An authenticated gateway asks for a token that may run.
await newGateway('closed', { authentication: true });
const closed = (token) => new OpenAI({
  apiKey: 'sk-test', baseURL: `${gatewayUrl}/closed/openai`, maxRetries: 0, defaultHeaders: token && { 'cf-aig-authorization': `Bearer ${token}` },
}).chat.completions.create({ model: 'gpt-4o-mini', messages });
await assert.rejects(closed(), OpenAI.AuthenticationError);
await assert.rejects(closed('wrong'), OpenAI.AuthenticationError);
assert.ok((await closed(process.env.CLOUDFLARE_API_TOKEN)).id);

// Stored responses, and a conversation that goes on from one.
const next = await openai.responses.create({ model: 'gpt-4o-mini', input: 'And then?', previous_response_id: told.id });
assert.equal(next.previous_response_id, told.id);
assert.ok(next.usage.input_tokens > told.usage.input_tokens);
assert.equal((await openai.responses.retrieve(told.id)).output_text, told.output_text);
const functions = tools.map((tool) => ({ type: 'function', strict: false, ...tool.function }));
const functional = await openai.responses.create({ model: 'gpt-4o-mini', input: 'Hello', tools: functions, tool_choice: 'required' });
assert.equal(typeof JSON.parse(functional.output.find((item) => item.type === 'function_call').arguments).city, 'string');
const runner = openai.responses.stream({ model: 'gpt-4o-mini', input: 'Hello' });
let spoken = '';
runner.on('response.output_text.delta', (event) => (spoken += event.delta));
assert.equal((await runner.finalResponse()).output_text, spoken);

// The client's own tool loop: the call, its result, the answer.
const loop = openai.chat.completions.runTools({
  model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'How is the weather in Oslo?' }],
  tools: [{ type: 'function', function: { name: 'get_weather', function: ({ city }) => `sunny in ${city}`, parse: JSON.parse, description: 'The weather', parameters: tools[0].function.parameters } }],
});
assert.ok((await loop.finalContent()).length > 0);
assert.deepEqual(loop.messages.map((one) => one.role), ['user', 'assistant', 'tool', 'assistant']);

// Streams and tools come through /compat for providers of other dialects too.
for (const model of ['anthropic/claude-sonnet-4-5', 'google-ai-studio/gemini-2.5-flash']) {
  const runner = compat.chat.completions.stream({ model, messages, tools, tool_choice: 'required' });
  const final = await runner.finalChatCompletion();
  assert.equal(final.choices[0].message.tool_calls[0].function.name, 'weather', model);
  assert.equal(typeof JSON.parse(final.choices[0].message.tool_calls[0].function.arguments).city, 'string', model);
  assert.equal(final.choices[0].finish_reason, 'tool_calls', model);
}

const rows = await all(cloudflare.aiGateway.logs.list(gateway_id, { account_id }));
assert.ok(rows.some((row) => row.cached) && rows.some((row) => row.provider === 'anthropic'));
console.log('done');
