// Secrets Store and stored keys of a gateway.
import OpenAI from 'openai';
import { Cloudflare, account_id, all, assert, cloudflare, gatewayUrl, newGateway, refused } from './lib.mjs';

const { stores, quota } = cloudflare.secretsStore;
const store = await stores.create({ account_id, name: 'keys' });
const store_id = store.id;
assert.deepEqual((await all(stores.list({ account_id }))).map((one) => one.id), [store_id]);
assert.equal((await stores.get(store_id, { account_id })).name, 'keys');
await refused(stores.create({ account_id, name: 'second' }), Cloudflare.BadRequestError, 1003, /maximum_stores_exceeded/);

const secrets = stores.secrets;
const wished = [1, 2, 3].map((index) => ({ name: `prod_openai_alias${index}`, value: `sk-${index}`, scopes: ['ai_gateway'] }));
const [made] = await all(secrets.create(store_id, { account_id, body: wished }));
assert.equal((await all(secrets.list(store_id, { account_id, per_page: 2 }))).length, 3);
assert.deepEqual((await all(secrets.list(store_id, { account_id, search: 'alias2' }))).map((one) => one.name), ['prod_openai_alias2']);
assert.ok(!JSON.stringify(await secrets.get(made.id, { account_id, store_id })).includes('sk-1'));
assert.equal((await quota.get({ account_id })).secrets.usage, 3);
assert.equal((await secrets.edit(made.id, { account_id, store_id, comment: 'rotated', value: 'sk-new' })).comment, 'rotated');
assert.equal((await secrets.duplicate(made.id, { account_id, store_id, name: 'prod_openai_default', scopes: ['ai_gateway'] })).name, 'prod_openai_default');
await refused(secrets.create(store_id, { account_id, body: [wished[0]] }).then((page) => page), Cloudflare.BadRequestError);
assert.deepEqual((await all(secrets.list(store_id, { account_id, order: 'name', direction: 'desc' }))).map((one) => one.name.slice(-7)), ['default', '_alias3', '_alias2', '_alias1']);
assert.equal((await all(secrets.list(store_id, { account_id, scopes: ['workers'] }))).length, 0);
await secrets.edit(made.id, { account_id, store_id, scopes: ['ai_gateway', 'workers'] });
assert.deepEqual((await all(secrets.list(store_id, { account_id, scopes: ['workers'] }))).map((one) => one.id), [made.id]);
await refused(secrets.get('0'.repeat(32), { account_id, store_id }), Cloudflare.NotFoundError, 1001);

// A stored key is used where the request brings none.
const gateway_id = 'prod';
const configs = cloudflare.aiGateway.providerConfigs;
await newGateway(gateway_id, { store_id });
const secret_id = (await all(secrets.list(store_id, { account_id, search: 'default' })))[0].id;
const config = await configs.create(gateway_id, { account_id, provider_slug: 'openai', alias: 'default', default_config: true, secret_id });
assert.equal(config.secret_id, secret_id);
await refused(
  configs.create(gateway_id, { account_id, provider_slug: 'openai', alias: 'default', default_config: true, secret_id }),
  Cloudflare.BadRequestError, 7001, /already exists/);
await refused(
  configs.create(gateway_id, { account_id, provider_slug: 'groq', alias: 'default', default_config: true, secret_id }),
  Cloudflare.BadRequestError, 7001, /was not found/);
assert.equal((await all(configs.list(gateway_id, { account_id }))).length, 1);
assert.equal((await all(configs.list('nowhere', { account_id }))).length, 0);

const openai = new OpenAI({
  apiKey: 'unused', baseURL: `${gatewayUrl}/${gateway_id}/openai`, maxRetries: 0,
  defaultHeaders: { Authorization: null, 'cf-aig-authorization': `Bearer ${process.env.CLOUDFLARE_API_TOKEN}` },
});
await openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hello' }] });
const [row] = await all(cloudflare.aiGateway.logs.list(gateway_id, { account_id }));
assert.equal(row.byok, true, JSON.stringify(row));

await secrets.delete(made.id, { account_id, store_id });
await refused(secrets.get(made.id, { account_id, store_id }), Cloudflare.NotFoundError, 1001);
await refused(stores.delete(store_id, { account_id }), Cloudflare.ConflictError);
await secrets.bulkDelete(store_id, { account_id });
assert.equal((await all(secrets.list(store_id, { account_id }))).length, 0);
await stores.delete(store_id, { account_id, force: true });
assert.equal((await all(stores.list({ account_id }))).length, 0);
console.log('done');
