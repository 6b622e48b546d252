import OpenAI from 'openai';
import { Cloudflare, account_id, all, assert, cloudflare, gatewayUrl, newGateway, refused } from './lib.mjs';

const providers = cloudflare.aiGateway.customProviders;
const wish = (slug, more = {}) => ({ account_id, name: slug.toUpperCase(), slug, base_url: 'https://api.example.com', ...more });

const made = await providers.create(wish('mine', { enable: true, description: 'ours', headers: '{"x-team":"eng"}', position: 3 }));
assert.deepEqual(await providers.get(made.id, { account_id }), made);
assert.equal(made.headers, '{"x-team":"eng"}');
await refused(providers.create(wish('mine')), Cloudflare.BadRequestError, 7001, /already exists/);
await refused(providers.create(wish('plain', { base_url: 'http://api.example.com' })), Cloudflare.BadRequestError, 7001);
for (let index = 0; index < 5; index++) await providers.create(wish(`p${index}`, { beta: index === 4 }));
assert.equal((await all(providers.list({ account_id, per_page: 2 }))).length, 6);
assert.deepEqual((await all(providers.list({ account_id, enable: true }))).map((one) => one.slug), ['mine']);
assert.deepEqual((await all(providers.list({ account_id, beta: true }))).map((one) => one.slug), ['p4']);
assert.deepEqual((await all(providers.list({ account_id, search: 'p3' }))).map((one) => one.slug), ['p3']);

// A request reaches it by `custom-{slug}`, and only while it is enabled.
await newGateway('prod');
const ask = (slug) => new OpenAI({ apiKey: 'sk-test', baseURL: `${gatewayUrl}/prod/custom-${slug}/v1`, maxRetries: 0 })
  .chat.completions.create({ model: 'any', messages: [{ role: 'user', content: 'hello' }] });
assert.ok((await ask('mine')).choices[0].message.content.length > 0);
await assert.rejects(ask('p0'), (error) => error.status === 400 && JSON.stringify(error.error ?? error).includes('2008'));

// The client has no PATCH: its own request method sends it.
await cloudflare.patch(`/accounts/${account_id}/ai-gateway/custom-providers/${made.id}`, { body: { enable: false } });
await assert.rejects(ask('mine'), (error) => error.status === 400);

await refused(cloudflare.patch(`/accounts/${account_id}/ai-gateway/custom-providers/${made.id}`, { body: { slug: 'p0' } }), Cloudflare.BadRequestError, 7001);
assert.equal((await providers.get(made.id, { account_id })).slug, 'mine');
await cloudflare.patch(`/accounts/${account_id}/ai-gateway/custom-providers/${made.id}`, { body: { enable: true } });
assert.ok((await ask('mine')).id);

assert.equal((await providers.delete(made.id, { account_id })).slug, 'mine');
await refused(providers.get(made.id, { account_id }), Cloudflare.NotFoundError, 7002);
await refused(providers.delete(made.id, { account_id }), Cloudflare.NotFoundError, 7002);
console.log('done');
