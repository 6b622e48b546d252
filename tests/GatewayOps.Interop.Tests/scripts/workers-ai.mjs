// Workers AI: the catalogue, a run in each of its forms, its errors, and the clients of others on the account's own address.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { Cloudflare, account_id, all, assert, cloudflare, newGateway, refused } from './lib.mjs';

const { ai } = cloudflare;
const model = '@cf/meta/llama-3.1-8b-instruct';
const models = await all(ai.models.list({ account_id, per_page: 7 }));
assert.ok(models.length > 7 && new Set(models.map((one) => one.name)).size === models.length, String(models.length));
assert.ok(models.some((one) => one.name === model), JSON.stringify(models.map((one) => one.name)));
const found = await all(ai.models.list({ account_id, search: 'llama-3.1-8b' }));
assert.ok(found.length > 0 && found.length < models.length);

// What the lists of tasks and authors name is what the models can be asked for by.
const tasks = await all(ai.tasks.list({ account_id }));
assert.deepEqual([...new Set(models.map((one) => one.task.name))].sort(), tasks.map((one) => one.name).sort());
const embedders = await all(ai.models.list({ account_id, task: 'Text Embeddings' }));
assert.deepEqual(embedders.map((one) => one.name).sort(), models.filter((one) => one.task.name === 'Text Embeddings').map((one) => one.name).sort());
const authors = await all(ai.authors.list({ account_id }));
assert.deepEqual([...new Set(models.map((one) => one.name.split('/')[1]))].sort(), authors.map((one) => one.name).sort());
assert.ok((await all(ai.models.list({ account_id, author: 'meta' }))).every((one) => one.name.startsWith('@cf/meta/')));

// The schema names the two ways to ask a text model, and each of them works.
const schema = await ai.models.schema.get({ account_id, model });
assert.deepEqual(schema.input.oneOf.map((one) => Object.keys(one.properties)[0]), ['prompt', 'messages']);
await refused(ai.models.schema.get({ account_id, model: '@cf/nobody/nothing' }), Cloudflare.BadRequestError, 5007);

const run = await ai.run(model, { account_id, prompt: 'What is a gateway?' });
assert.ok(run.response.length > 0 && run.usage.total_tokens > 0, JSON.stringify(run));
const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'What is a gateway?' }];
const chat = await ai.run(model, { account_id, messages });
assert.ok(chat.response.length > 0 && chat.usage.prompt_tokens > run.usage.prompt_tokens, JSON.stringify(chat));
const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tooled = await ai.run('@cf/meta/llama-3.3-70b-instruct-fp8-fast', {
  account_id, messages: [{ role: 'user', content: 'How is the weather?' }], tools: [{ name: 'get_weather', description: 'The weather', parameters: city }],
});
assert.deepEqual(tooled.tool_calls.map((call) => [call.name, typeof call.arguments.city]), [['get_weather', 'string']]);
const filled = await ai.run('@cf/meta/llama-3.3-70b-instruct-fp8-fast', { account_id, messages, response_format: { type: 'json_schema', json_schema: city } });
assert.equal(typeof filled.response.city, 'string', JSON.stringify(filled));
const short = await ai.run('@cf/baai/bge-base-en-v1.5', { account_id, text: 'a' });
const vectors = await ai.run('@cf/baai/bge-base-en-v1.5', { account_id, text: ['a', 'b'] });
assert.deepEqual(vectors.shape, [2, 768]);
assert.deepEqual(vectors.data[0], short.data[0]);
assert.notDeepEqual(vectors.data[1], short.data[0]);

// A stream as the SDK hands it out: the bytes of server-sent events.
const raw = await ai.run(model, { account_id, prompt: 'What is a gateway?', stream: true }, { headers: { accept: 'text/event-stream' } }).asResponse();
const events = (await raw.text()).split('\n\n').filter(Boolean).map((one) => one.replace(/^data: /, ''));
assert.equal(events.pop(), '[DONE]');
assert.equal(events.map((one) => JSON.parse(one).response ?? '').join(''), run.response);

await refused(ai.run('@cf/nobody/nothing', { account_id, prompt: 'hello' }), Cloudflare.BadRequestError, 5007);
await refused(ai.run(model, { account_id, prompt: '' }), Cloudflare.BadRequestError, 5006);
await refused(ai.run(model, { account_id, prompt: 'hello', lora: 'mine' }), Cloudflare.APIError, 5005);

// By a gateway, the run is in its log.
await newGateway('prod');
await ai.run(model, { account_id, prompt: 'hello' }, { headers: { 'cf-aig-gateway-id': 'prod' } });
assert.deepEqual((await all(cloudflare.aiGateway.logs.list('prod', { account_id }))).map((row) => [row.provider, row.model]), [['workers-ai', model]]);

// A token for gateways is none for Workers AI.
const groups = await all(cloudflare.accounts.tokens.permissionGroups.list({ account_id }));
const as = async (name) => new Cloudflare({
  maxRetries: 0,
  apiToken: (await cloudflare.accounts.tokens.create({
    account_id, name, policies: [{ effect: 'allow', permission_groups: [{ id: groups.find((one) => one.name === name).id }], resources: { [`com.cloudflare.api.account.${account_id}`]: '*' } }],
  })).value,
}).ai.run(model, { account_id, prompt: 'hello' });
await refused(as('AI Gateway Write'), Cloudflare.AuthenticationError, 10000);
assert.ok((await as('Workers AI Write')).response.length > 0);

const baseURL = `${process.env.CLOUDFLARE_BASE_URL}/accounts/${account_id}/ai/v1`;
const openai = new OpenAI({ apiKey: process.env.CLOUDFLARE_API_TOKEN, baseURL, maxRetries: 0 });
const answer = await openai.chat.completions.create({ model, messages });
assert.ok(answer.choices[0].message.content.length > 0);
let text = '';
for await (const chunk of await openai.chat.completions.create({ model, messages, stream: true })) text += chunk.choices[0]?.delta?.content ?? '';
assert.equal(text, answer.choices[0].message.content);
assert.equal((await openai.embeddings.create({ model: '@cf/baai/bge-base-en-v1.5', input: ['a', 'b'], encoding_format: 'float' })).data[1].embedding.length, 768);
assert.equal((await openai.responses.create({ model: '@cf/openai/gpt-oss-120b', input: 'Hello' })).status, 'completed');
await assert.rejects(openai.chat.completions.create({ model: '@cf/nobody/nothing', messages }), OpenAI.BadRequestError);
await assert.rejects(new OpenAI({ apiKey: 'wrong', baseURL, maxRetries: 0 }).chat.completions.create({ model, messages }), OpenAI.AuthenticationError);
const anthropic = new Anthropic({ authToken: process.env.CLOUDFLARE_API_TOKEN, apiKey: null, baseURL: baseURL.replace(/\/v1$/, ''), maxRetries: 0 });
const say = (name) => anthropic.messages.create({ model: name, max_tokens: 64, messages: [{ role: 'user', content: 'Hello' }] });
await newGateway('default');
assert.equal((await say('anthropic/claude-sonnet-4-5')).content[0].type, 'text');
assert.deepEqual((await all(cloudflare.aiGateway.logs.list('default', { account_id }))).map((row) => row.provider), ['anthropic']);
await assert.rejects(say(model), Anthropic.NotFoundError);
console.log('done');
