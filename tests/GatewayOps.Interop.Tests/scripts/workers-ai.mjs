// Workers AI: the catalogue, a run, its errors, and the OpenAI client on the account's own address.
import OpenAI from 'openai';
import { Cloudflare, account_id, all, assert, cloudflare, refused } from './lib.mjs';

const model = '@cf/meta/llama-3.1-8b-instruct';
const models = await all(cloudflare.ai.models.list({ account_id }));
assert.ok(models.some((one) => one.name === model), JSON.stringify(models.map((one) => one.name)));
const found = await all(cloudflare.ai.models.list({ account_id, search: 'llama-3.1-8b' }));
assert.ok(found.length > 0 && found.length < models.length);

const run = await cloudflare.ai.run(model, { account_id, prompt: 'What is a gateway?' });
assert.ok(run.response.length > 0 && run.usage.total_tokens > 0, JSON.stringify(run));
await refused(cloudflare.ai.run('@cf/nobody/nothing', { account_id, prompt: 'hello' }), Cloudflare.BadRequestError, 5007);

const openai = new OpenAI({ apiKey: process.env.CLOUDFLARE_API_TOKEN, baseURL: `${process.env.CLOUDFLARE_BASE_URL}/accounts/${account_id}/ai/v1`, maxRetries: 0 });
const answer = await openai.chat.completions.create({ model, messages: [{ role: 'user', content: 'What is a gateway?' }] });
assert.ok(answer.choices[0].message.content.length > 0);
console.log('done');
