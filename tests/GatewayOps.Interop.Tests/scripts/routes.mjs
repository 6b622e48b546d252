import OpenAI from 'openai';
import { Cloudflare, account_id, all, assert, cloudflare, gatewayUrl, newGateway, refused } from './lib.mjs';

const routes = cloudflare.aiGateway.dynamicRouting;
const gateway_id = 'prod';
// Dynamic routes ask for an authenticated gateway with stored keys.
const store_id = (await cloudflare.secretsStore.stores.create({ account_id, name: 'keys' })).id;
await newGateway(gateway_id, { authentication: true, store_id });
const [secret] = await all(cloudflare.secretsStore.stores.secrets.create(store_id, {
  account_id, body: [{ name: 'prod_openai_default', value: 'sk-test', scopes: ['ai_gateway'] }],
}));
await cloudflare.aiGateway.providerConfigs.create(gateway_id, {
  account_id, provider_slug: 'openai', alias: 'default', default_config: true, secret_id: secret.id,
});

const to = (elementId) => ({ elementId });
const elements = (model) => [
  { id: 'start', type: 'start', outputs: { next: to('plan') } },
  { id: 'plan', type: 'conditional', properties: { conditions: { 'metadata.plan': { $eq: 'free' } } }, outputs: { true: to('cheap'), false: to('best') } },
  { id: 'cheap', type: 'model', properties: { provider: 'openai', model: 'gpt-4o-mini', timeout: 60000, retries: 1 }, outputs: { success: to('end'), fallback: to('end') } },
  { id: 'best', type: 'model', properties: { provider: 'openai', model, timeout: 60000, retries: 1 }, outputs: { success: to('end'), fallback: to('end') } },
  { id: 'end', type: 'end', outputs: {} },
];

const route = await routes.create(gateway_id, { account_id, name: 'support', elements: elements('gpt-4o') });
assert.equal(route.deployment.version_id, route.version.version_id);
const read = await routes.get(route.id, { account_id, gateway_id });
assert.equal(read.name, 'support');
assert.deepEqual(read.version.data, elements('gpt-4o'));
await refused(routes.create(gateway_id, { account_id, name: 'support', elements: elements('x') }), Cloudflare.BadRequestError, 7005, /already exists/);
const broken = elements('x');
delete broken[3].properties.provider;
const error = await refused(routes.create(gateway_id, { account_id, name: 'broken', elements: broken }), Cloudflare.BadRequestError, 7001, /Required/);
assert.deepEqual(error.path, ['body', 'elements', 3, 'properties', 'provider']);

const ask = async (plan) => {
  const { data, response } = await new OpenAI({
    apiKey: 'unused', baseURL: `${gatewayUrl}/${gateway_id}/compat`, maxRetries: 0,
    defaultHeaders: { Authorization: null, 'cf-aig-authorization': `Bearer ${process.env.CLOUDFLARE_API_TOKEN}`, 'cf-aig-metadata': JSON.stringify({ plan }) },
  }).chat.completions.create({ model: 'dynamic/support', messages: [{ role: 'user', content: 'hello' }] }).withResponse();
  assert.ok(data.choices[0].message.content.length > 0);
  return response.headers.get('cf-aig-model');
};
assert.match(await ask('free'), /gpt-4o-mini$/);
assert.match(await ask('paid'), /gpt-4o$/);
let streamed = '';
const live = await new OpenAI({
  apiKey: 'unused', baseURL: `${gatewayUrl}/${gateway_id}/compat`, maxRetries: 0,
  defaultHeaders: { Authorization: null, 'cf-aig-authorization': `Bearer ${process.env.CLOUDFLARE_API_TOKEN}` },
}).chat.completions.create({ model: 'dynamic/support', messages: [{ role: 'user', content: 'hello' }], stream: true });
for await (const chunk of live) streamed += chunk.choices[0]?.delta?.content ?? '';
assert.ok(streamed.length > 0);
await assert.rejects(
  new OpenAI({ apiKey: 'wrong', baseURL: `${gatewayUrl}/${gateway_id}/compat`, maxRetries: 0 }).chat.completions.create({ model: 'dynamic/support', messages: [{ role: 'user', content: 'hello' }] }),
  OpenAI.AuthenticationError);

await refused(routes.createDeployment(route.id, { account_id, gateway_id, version_id: 'nothing' }), Cloudflare.NotFoundError);
await refused(routes.getVersion('nothing', { account_id, gateway_id, id: route.id }), Cloudflare.NotFoundError);

// A version is not live until it is deployed; an older one deployed again is the rollback.
const next = await routes.createVersion(route.id, { account_id, gateway_id, elements: elements('gpt-5') });
assert.match(await ask('paid'), /gpt-4o$/);
await routes.createDeployment(route.id, { account_id, gateway_id, version_id: next.version_id });
assert.match(await ask('paid'), /gpt-5$/);
assert.equal((await routes.listVersions(route.id, { account_id, gateway_id })).data.versions.length, 2);
assert.deepEqual((await routes.getVersion(route.version.version_id, { account_id, gateway_id, id: route.id })).elements, elements('gpt-4o'));
await routes.createDeployment(route.id, { account_id, gateway_id, version_id: route.version.version_id });
assert.match(await ask('paid'), /gpt-4o$/);
assert.equal((await routes.listDeployments(route.id, { account_id, gateway_id })).data.deployments.length, 3);

assert.equal((await routes.update(route.id, { account_id, gateway_id, name: 'help' })).route.name, 'help');
await assert.rejects(ask('paid'));
for (let index = 0; index < 3; index++) await routes.create(gateway_id, { account_id, name: `r${index}`, elements: elements('x') });
assert.deepEqual((await routes.list(gateway_id, { account_id })).data.routes.map((one) => one.name).sort(), ['help', 'r0', 'r1', 'r2']);
assert.equal((await routes.list(gateway_id, { account_id, page: 2, per_page: 3 })).data.routes.length, 1);

assert.equal((await routes.delete(route.id, { account_id, gateway_id })).name, 'help');
await refused(routes.get(route.id, { account_id, gateway_id }), Cloudflare.NotFoundError, 7005, /not found/);
await refused(routes.list('nowhere', { account_id }), Cloudflare.NotFoundError, 7002);
console.log('done');
