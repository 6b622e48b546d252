// The AI SDK with its provider for OpenAI-compatible services.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embedMany, generateObject, generateText, jsonSchema, streamText, tool } from 'ai';
import { apiKey, assert, baseURL } from './proxy-lib.mjs';

const proxy = createOpenAICompatible({ name: 'gatewayops', apiKey, baseURL, includeUsage: true, supportsStructuredOutputs: true });
const model = proxy('gpt-4o-mini');
const prompt = 'What is a gateway?';

const answer = await generateText({ model, prompt, maxRetries: 0 });
assert.ok(answer.text.length > 0 && answer.finishReason === 'stop' && answer.usage.totalTokens > 0);

const stream = streamText({ model, prompt, maxRetries: 0 });
let text = '';
for await (const part of stream.textStream) text += part;
assert.equal(text, answer.text);
assert.equal(await stream.finishReason, 'stop');
assert.equal((await stream.usage).outputTokens, answer.usage.outputTokens);

const { object } = await generateObject({ model, prompt, maxRetries: 0, schema: jsonSchema({ type: 'object', properties: { score: { type: 'integer' } }, required: ['score'], additionalProperties: false }) });
assert.ok(Number.isInteger(object.score));
const weather = tool({ description: 'The weather of a city', inputSchema: jsonSchema({ type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }), execute: async ({ city }) => `sunny in ${city}` });
const called = await generateText({ model, prompt, maxRetries: 0, tools: { weather }, toolChoice: 'required' });
assert.equal(called.toolCalls[0].toolName, 'weather');
assert.match(called.toolResults[0].output, /^sunny in /);
assert.equal((await embedMany({ model: proxy.textEmbeddingModel('text-embedding-3-small'), values: ['a', 'b'], maxRetries: 0 })).embeddings.length, 2);
await assert.rejects(generateText({ model: createOpenAICompatible({ name: 'wrong', apiKey: 'wrong', baseURL })('gpt-4o-mini'), prompt, maxRetries: 0 }), (error) => error.statusCode === 401);
console.log('done');
