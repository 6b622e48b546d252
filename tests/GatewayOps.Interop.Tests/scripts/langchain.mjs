// LangChain's OpenAI classes on a provider's own path and on /compat.
import { HumanMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { account_id, all, assert, cloudflare, gatewayUrl, newGateway } from './lib.mjs';

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

assert.equal((await all(cloudflare.aiGateway.logs.list(gateway_id, { account_id }))).length, 5);
console.log('done');
