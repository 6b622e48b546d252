// The official OpenAI client with nothing changed but its base URL and its key.
import OpenAI from 'openai';
import { apiKey, assert, baseURL, fault, messages, received, records } from './proxy-lib.mjs';

const openai = new OpenAI({ apiKey, baseURL, maxRetries: 0 });
const model = 'gpt-4o-mini';

const { data: answer, response } = await openai.chat.completions.create({ model, messages, temperature: 0.2 }).withResponse();
assert.ok(answer.choices[0].message.content.length > 0 && answer.choices[0].finish_reason === 'stop');
assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
assert.match(response.headers.get('x-request-id'), /^[0-9a-f]{32}$/);
assert.equal(response.headers.get('x-gatewayops-provider'), 'openai');
const sent = JSON.parse((await received('openai')).body);
assert.equal(sent.messages[0].content, messages[0].content);
assert.equal(sent.temperature, 0.2);

// A stream without the usage that it did not ask for, and one with it.
const read = async (stream) => {
  const seen = { text: '', chunks: 0, usage: undefined, end: undefined };
  for await (const chunk of stream) {
    seen.chunks++;
    seen.text += chunk.choices[0]?.delta?.content ?? '';
    seen.end = chunk.choices[0]?.finish_reason ?? seen.end;
    seen.usage = chunk.usage ?? seen.usage;
  }
  return seen;
};
const plain = await read(await openai.chat.completions.create({ model, messages, stream: true }));
assert.ok(plain.chunks > 1 && plain.end === 'stop' && plain.usage === undefined);
const counted = await read(await openai.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } }));
assert.equal(counted.text, plain.text);
assert.ok(counted.usage.completion_tokens > 0);
const [second, first] = await records(3);
assert.equal(first.tokensOut ?? first.tokens?.output, second.tokensOut ?? second.tokens?.output, 'the usage that is hidden is counted');

const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } }];
const called = await openai.chat.completions.create({ model, messages, tools, tool_choice: 'required' });
const call = called.choices[0].message.tool_calls[0];
assert.equal(call.function.name, 'weather');
assert.equal(typeof JSON.parse(call.function.arguments).city, 'string');
const told = await openai.chat.completions.create({ model, tools, messages: [...messages, called.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'sunny' }] });
assert.ok(told.choices[0].message.content.length > 0);

const structured = await openai.chat.completions.parse({
  model, messages,
  response_format: {
    type: 'json_schema',
    json_schema: { name: 'answer', strict: true, schema: { type: 'object', properties: { score: { type: 'integer', minimum: 1, maximum: 5 } }, required: ['score'], additionalProperties: false } },
  },
});
assert.ok(Number.isInteger(JSON.parse(structured.choices[0].message.content).score));

const { data: vectors } = await openai.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'] });
assert.equal(vectors.length, 2);
assert.ok((await openai.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'Once upon' })).choices[0].text.length > 0);
const replied = await openai.responses.create({ model, input: 'Hello' });
assert.ok(replied.output_text.length > 0 && replied.status === 'completed');
const events = [];
for await (const event of await openai.responses.create({ model, input: 'Hello', stream: true })) events.push(event.type);
assert.equal(events[0], 'response.created');
assert.equal(events.at(-1), 'response.completed');
const models = [];
for await (const one of openai.models.list()) models.push(one.id);
assert.ok(models.includes(model), models.join());

// Its errors by class, and its own retries.
await assert.rejects(new OpenAI({ apiKey: 'sk-wrong', baseURL, maxRetries: 0 }).models.list(), OpenAI.AuthenticationError);
await assert.rejects(openai.chat.completions.create({ model, messages, temperature: 9 }), (error) => error instanceof OpenAI.BadRequestError && error.param === 'temperature');
await assert.rejects(openai.chat.completions.create({ model, messages, provider: 'nobody' }), OpenAI.BadRequestError);
for (const [status, type] of [[429, OpenAI.RateLimitError], [500, OpenAI.InternalServerError]]) {
  await fault('openai', { status, times: 1 });
  await assert.rejects(openai.chat.completions.create({ model, messages }), type);
}
await fault('openai', { status: 503, times: 1 }); // the client's own retry
assert.ok((await openai.chat.completions.create({ model, messages }, { maxRetries: 2 })).choices[0].message.content.length > 0);
console.log('done');
