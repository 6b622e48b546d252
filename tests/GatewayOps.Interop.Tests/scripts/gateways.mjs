import { Cloudflare, account_id, all, assert, cloudflare, newGateway, plainGateway, refused } from './lib.mjs';

const gateways = cloudflare.aiGateway;

const made = await newGateway('prod', { cache_ttl: 300, authentication: true });
assert.equal(made.id, 'prod');
assert.equal(made.cache_ttl, 300);
assert.deepEqual(await gateways.get('prod', { account_id }), made);

await refused(newGateway('prod'), Cloudflare.BadRequestError, 7001, /already exists/);
await refused(newGateway('Prod'), Cloudflare.BadRequestError, 7001);
await refused(newGateway('x', { cache_ttl: -1 }), Cloudflare.BadRequestError, 7001);
await refused(gateways.get('nowhere', { account_id }), Cloudflare.NotFoundError, 7002);

// A PUT overwrites: what it leaves out is the default again.
const updated = await gateways.update('prod', { account_id, ...plainGateway, retry_max_attempts: 3 });
assert.equal(updated.cache_ttl, 0);
assert.equal(updated.retry_max_attempts, 3);
assert.equal(updated.created_at, made.created_at);

const ids = ['prod'];
for (let index = 0; index < 7; index++) {
  ids.push(`gw-${index}`);
  await newGateway(`gw-${index}`);
}
assert.deepEqual((await all(gateways.list({ account_id, per_page: 5 }))).map((one) => one.id).sort(), ids.sort());
assert.deepEqual((await all(gateways.list({ account_id, search: 'gw-3' }))).map((one) => one.id), ['gw-3']);
await refused(gateways.list({ account_id, per_page: 101 }), Cloudflare.BadRequestError, 7001);

const url = await gateways.urls.get('openai', { account_id, gateway_id: 'prod' });
assert.match(url, new RegExp(`/v1/${account_id}/prod/openai$`));

assert.match(await gateways.urls.get('anthropic', { account_id, gateway_id: 'prod' }), /\/prod\/anthropic$/);
await refused(gateways.urls.get('openai', { account_id, gateway_id: 'nowhere' }), Cloudflare.NotFoundError, 7002);

assert.equal((await gateways.delete('prod', { account_id })).id, 'prod');
await refused(gateways.get('prod', { account_id }), Cloudflare.NotFoundError, 7002);
await refused(gateways.delete('prod', { account_id }), Cloudflare.NotFoundError, 7002);

// Credentials: wrong, none, the legacy pair, and an account that is not ours.
await refused(new Cloudflare({ apiToken: 'wrong-token', maxRetries: 0 }).aiGateway.get('gw-0', { account_id }), Cloudflare.AuthenticationError, 10000);
const user = new Cloudflare({ apiToken: null, apiEmail: process.env.LEGACY_EMAIL, apiKey: process.env.LEGACY_KEY, maxRetries: 0 });
assert.equal((await user.aiGateway.get('gw-0', { account_id })).id, 'gw-0');
await refused(gateways.get('gw-0', { account_id: 'Not an account' }), Cloudflare.NotFoundError, 7003);
console.log('done');
