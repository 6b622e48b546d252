// LangChain's OpenAI classes on a provider's own path and on /compat.
import { HumanMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { account_id, admin, all, assert, cloudflare, gatewayUrl, newGateway } from './lib.mjs';

const gateway_id = 'prod';
await newGateway(gateway_id);
const chat = (path, model) => new ChatOpenAI({ model, apiKey: 'sk-test', maxRetries: 0, configuration: { baseURL: `${gatewayUrl}/${gateway_id}/${path}` } });
const question = [new HumanMessage('What is a gateway?')];

const answer = await chat('openai', 'gpt-4o-mini').invoke(question);
assert.ok(answer.content.length > 0 && answer.usage_metadata.total_tokens > 0);

let text = '';
let chunks = 0;
for await (const chunk of await chat('compat', 'openai/gpt-4o-mini').stream(question)) {
  text += chunk.content;
  chunks++;
}
assert.ok(text.length > 0 && chunks > 1);

const schema = { title: 'answer', type: 'object', properties: { score: { type: 'integer' } }, required: ['score'], additionalProperties: false };
const structured = await chat('openai', 'gpt-4o-mini').withStructuredOutput(schema).invoke(question);
assert.ok(Number.isInteger(structured.score));

const weather = tool(async ({ city }) => `sunny in ${city}`, {
  name: 'weather', description: 'The weather of a city', schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
});
const called = await chat('openai', 'gpt-4o-mini').bindTools([weather], { tool_choice: 'any' }).invoke(question);
assert.equal(called.tool_calls[0].name, 'weather');
assert.match((await weather.invoke(called.tool_calls[0])).content, /^sunny in /);

const embeddings = new OpenAIEmbeddings({ model: 'text-embedding-3-small', apiKey: 'sk-test', maxRetries: 0, configuration: { baseURL: `${gatewayUrl}/${gateway_id}/openai` } });
assert.equal((await embeddings.embedDocuments(['a', 'b'])).length, 2);

// Structured output by a tool, on a provider of another dialect; a conversation with a tool's result; a streamed call.
const byTool = await chat('compat', 'anthropic/claude-sonnet-4-5').withStructuredOutput(schema, { method: 'functionCalling' }).invoke(question);
assert.ok(Number.isInteger(byTool.score));
const bound = chat('openai', 'gpt-4o-mini').bindTools([weather]);
const asked = [new HumanMessage('How is the weather in Oslo?')];
const wants = await bound.invoke(asked);
const ended = await bound.invoke([...asked, wants, await weather.invoke(wants.tool_calls[0])]);
assert.equal(ended.tool_calls.length, 0);
assert.ok(ended.content.length > 0);
let gathered;
for await (const chunk of await chat('openai', 'gpt-4o-mini').bindTools([weather], { tool_choice: 'any' }).stream(question)) gathered = gathered ? gathered.concat(chunk) : chunk;
assert.deepEqual(gathered.tool_calls.map((call) => call.args), called.tool_calls.map((call) => call.args));
const batch = await chat('openai', 'gpt-4o-mini').batch([question, asked]);
assert.equal(new Set(batch.map((one) => one.content)).size, 2);
const responses = await new ChatOpenAI({ model: 'gpt-4o-mini', apiKey: 'sk-test', maxRetries: 0, useResponsesApi: true, configuration: { baseURL: `${gatewayUrl}/${gateway_id}/openai` } }).invoke(question);
assert.ok(responses.text.length > 0);
assert.equal((await all(cloudflare.aiGateway.logs.list(gateway_id, { account_id }))).length, 12);

// The limit of the gateway, and what its own retries make of an overloaded provider.
await newGateway('limited', { rate_limiting_limit: 1, rate_limiting_interval: 3600 });
const limited = new ChatOpenAI({ model: 'gpt-4o-mini', apiKey: 'sk-test', maxRetries: 0, configuration: { baseURL: `${gatewayUrl}/limited/openai` } });
await limited.invoke(question);
await assert.rejects(limited.invoke(question), (error) => error.status === 429 && error.lc_error_code === 'MODEL_RATE_LIMIT');
await newGateway('plain');
await admin('PUT', 'upstreams/openai/fault', { status: 503, times: 1 });
const patient = new ChatOpenAI({ model: 'gpt-4o-mini', apiKey: 'sk-test', maxRetries: 1, configuration: { baseURL: `${gatewayUrl}/plain/openai` } });
assert.equal((await patient.invoke(question)).content, answer.content);
assert.deepEqual((await all(cloudflare.aiGateway.logs.list('plain', { account_id }))).map((row) => row.status_code), [200, 503]);
console.log('done');
