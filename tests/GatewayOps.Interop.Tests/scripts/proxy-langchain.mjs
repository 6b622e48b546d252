// LangChain's OpenAI classes at the proxy.
import { HumanMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { apiKey, assert, baseURL } from './proxy-lib.mjs';

const chat = (more = {}) => new ChatOpenAI({ model: 'gpt-4o-mini', apiKey, maxRetries: 0, configuration: { baseURL }, ...more });
const question = [new HumanMessage('Hola')];

const answer = await chat().invoke(question);
assert.ok(answer.content.length > 0 && answer.usage_metadata.total_tokens > 0);
let gathered;
for await (const chunk of await chat().stream(question)) gathered = gathered ? gathered.concat(chunk) : chunk;
assert.equal(gathered.content, answer.content);
assert.ok(gathered.usage_metadata.total_tokens > 0);

const schema = { title: 'answer', type: 'object', properties: { score: { type: 'integer' } }, required: ['score'], additionalProperties: false };
for (const method of ['jsonSchema', 'functionCalling']) assert.ok(Number.isInteger((await chat().withStructuredOutput(schema, { method }).invoke(question)).score), method);
const weather = tool(async ({ city }) => `sunny in ${city}`, {
  name: 'weather', description: 'The weather of a city', schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
});
const called = await chat().bindTools([weather], { tool_choice: 'any' }).invoke(question);
assert.equal(called.tool_calls[0].name, 'weather');
assert.equal((await new OpenAIEmbeddings({ model: 'text-embedding-3-small', apiKey, maxRetries: 0, configuration: { baseURL } }).embedDocuments(['a', 'b'])).length, 2);
console.log('done');
