// Workers Observability over the log rows of AI Gateway: query, keys, values.
import OpenAI from 'openai';
import { Cloudflare, account_id, all, assert, cloudflare, gatewayUrl, newGateway, refused } from './lib.mjs';

const telemetry = cloudflare.workers.observability.telemetry;
await newGateway('prod');
await newGateway('test');
const from = Date.now() - 60_000;
const ask = (gateway, model) => new OpenAI({ apiKey: 'sk-test', baseURL: `${gatewayUrl}/${gateway}/openai`, maxRetries: 0 })
  .chat.completions.create({ model, messages: [{ role: 'user', content: 'hello' }] }, { headers: { 'cf-aig-metadata': '{"team":"crimson"}' } });
for (const model of ['gpt-4o', 'gpt-4o-mini', 'gpt-4o-mini', 'gpt-4o-mini']) await ask('prod', model);
await ask('test', 'gpt-4o');
const timeframe = { from, to: Date.now() + 60_000 };
const query = (more) => telemetry.query({ account_id, queryId: 'interop', timeframe, ...more });
const filter = (key, value, operation = 'eq') => ({ key, operation, type: 'string', value });

// Events page by page, by the id of the last.
const seen = [];
for (let offset; ; offset = seen.at(-1)) {
  const { events } = await query({ view: 'events', limit: 2, offset });
  assert.equal(events.count, 5);
  if (events.events.length === 0) break;
  seen.push(...events.events.map((one) => one.$metadata.id));
}
assert.equal(new Set(seen).size, 5);
assert.equal(seen.length, 5);

const events = async (parameters) => (await query({ view: 'events', parameters })).events.events;
const large = await events({ filters: [filter('model', 'gpt-4o')] });
assert.deepEqual(large.map((one) => one.source.model), ['gpt-4o', 'gpt-4o']);
assert.equal((await events({ filters: [filter('model', 'gpt-4o'), filter('gateway', 'prod')], filterCombination: 'and' })).length, 1);
assert.equal((await events({ filters: [filter('model', 'gpt-4o'), filter('gateway', 'prod')], filterCombination: 'or' })).length, 5);
assert.equal((await query({ timeframe: { from: 0, to: 1000 }, view: 'events' })).events.count, 0);

const { calculations } = await query({
  view: 'calculations',
  parameters: { calculations: [{ operator: 'count' }, { operator: 'max', key: 'tokens_in', keyType: 'number' }], groupBys: [{ type: 'string', value: 'model' }] },
});
const counted = Object.fromEntries(calculations[0].aggregates.map((one) => [one.groups[0].value, one.value]));
assert.deepEqual(counted, { 'gpt-4o': 2, 'gpt-4o-mini': 3 });
assert.ok(calculations[1].aggregates.every((one) => one.value > 0));

const keys = await all(telemetry.keys({ account_id, timeframe }));
const type = (key) => keys.find((one) => one.key === key)?.type;
assert.deepEqual([type('model'), type('tokens_in'), type('cached'), type('metadata.team')], ['string', 'number', 'boolean', 'string']);
const found = await all(telemetry.keys({ account_id, timeframe, keyNeedle: { value: 'tokens' } }));
assert.ok(found.length > 0 && found.every((one) => one.key.includes('tokens')), JSON.stringify(found));

const values = (more) => all(telemetry.values({ account_id, datasets: [], key: 'model', type: 'string', timeframe, ...more }));
assert.deepEqual((await values()).map((one) => one.value).sort(), ['gpt-4o', 'gpt-4o-mini']);
assert.deepEqual((await values({ filters: [filter('gateway', 'test')] })).map((one) => one.value), ['gpt-4o']);
assert.deepEqual((await values({ needle: { value: 'mini' } })).map((one) => one.value), ['gpt-4o-mini']);
assert.deepEqual((await values({ key: 'metadata.team' })).map((one) => one.value), ['crimson']);

await refused(query({ view: 'nowhere' }), Cloudflare.BadRequestError);
await refused(query({ timeframe: { from: 2, to: 1 } }), Cloudflare.BadRequestError);
await refused(query({ parameters: { filters: [{ key: 'model', operation: 'resembles', type: 'string', value: 'x' }] } }), Cloudflare.BadRequestError);

// Reading asks for its own permission.
const groups = await all(cloudflare.accounts.tokens.permissionGroups.list({ account_id }));
const policy = (name) => [{
  effect: 'allow', permission_groups: [{ id: groups.find((one) => one.name === name).id }], resources: { [`com.cloudflare.api.account.${account_id}`]: '*' },
}];
const as = async (name) => new Cloudflare({
  apiToken: (await cloudflare.accounts.tokens.create({ account_id, name, policies: policy(name) })).value, maxRetries: 0,
}).workers.observability.telemetry.query({ account_id, queryId: 'interop', timeframe, view: 'events' });
await refused(as('AI Gateway Read'), Cloudflare.PermissionDeniedError, 10000);
assert.equal((await as('Workers Observability Write')).events.count, 5);
console.log('done');
