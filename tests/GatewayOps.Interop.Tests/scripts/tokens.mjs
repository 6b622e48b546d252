import { Cloudflare, account_id, admin, all, assert, cloudflare, newGateway, plainGateway, refused } from './lib.mjs';

await newGateway('prod');
const tokens = cloudflare.accounts.tokens;
const groups = await all(tokens.permissionGroups.list({ account_id }));
const group = (name) => ({ id: groups.find((one) => one.name === name).id });
const resources = { [`com.cloudflare.api.account.${account_id}`]: '*' };
const wish = (name, ...names) => ({ account_id, name, policies: [{ effect: 'allow', permission_groups: names.map(group), resources }] });

// A token may do what its policies say, and no more.
const reader = await tokens.create(wish('reader', 'AI Gateway Read'));
const as = (apiToken) => new Cloudflare({ apiToken, maxRetries: 0 });
assert.equal((await as(reader.value).aiGateway.get('prod', { account_id })).id, 'prod');
await refused(as(reader.value).aiGateway.update('prod', { account_id, ...plainGateway }), Cloudflare.PermissionDeniedError, 10000);
assert.equal((await as(reader.value).accounts.tokens.verify({ account_id })).status, 'active');
assert.equal((await tokens.get(reader.id, { account_id })).value, undefined);

await tokens.update(reader.id, { ...wish('writer', 'AI Gateway Read', 'AI Gateway Write') });
await as(reader.value).aiGateway.update('prod', { account_id, ...plainGateway });

const rolled = await tokens.value.update(reader.id, { account_id });
await refused(as(reader.value).aiGateway.get('prod', { account_id }), Cloudflare.AuthenticationError, 10000);
assert.equal((await as(rolled).aiGateway.get('prod', { account_id })).id, 'prod');

// Groups by their name and scope; the older method of the SDK gives the same list whole.
assert.deepEqual((await all(tokens.permissionGroups.list({ account_id, name: 'AI Gateway Read' }))).map((one) => one.id), [group('AI Gateway Read').id]);
assert.deepEqual((await tokens.permissionGroups.get({ account_id })).map((one) => one.id), groups.map((one) => one.id));
await refused(tokens.create({ ...wish('odd'), policies: [{ effect: 'allow', permission_groups: [{ id: '0'.repeat(32) }], resources }] }), Cloudflare.BadRequestError);

// What a token may do ends with its time, its status, its address, and where another policy denies it.
const read = (token) => as(token.value).aiGateway.get('prod', { account_id });
const denied = await tokens.create({
  ...wish('denied', 'AI Gateway Read'), policies: [...wish('', 'AI Gateway Read', 'AI Gateway Write').policies, { effect: 'deny', permission_groups: [group('AI Gateway Write')], resources }],
});
assert.equal((await read(denied)).id, 'prod');
await refused(as(denied.value).aiGateway.delete('prod', { account_id }), Cloudflare.PermissionDeniedError, 10000);
const elsewhere = await tokens.create({ ...wish('elsewhere', 'AI Gateway Read'), condition: { request_ip: { in: ['203.0.113.0/24'] } } });
await assert.rejects(read(elsewhere), Cloudflare.APIError);
const brief = await tokens.create({ ...wish('brief', 'AI Gateway Read'), expires_on: new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, '') });
assert.equal((await read(brief)).id, 'prod');
await tokens.update(brief.id, { ...wish('brief', 'AI Gateway Read'), status: 'disabled' });
await assert.rejects(read(brief), Cloudflare.APIError);
await tokens.update(brief.id, { ...wish('brief', 'AI Gateway Read'), status: 'active', expires_on: brief.expires_on });
assert.equal((await read(brief)).id, 'prod');
await admin('POST', 'clock/advance', { seconds: 3601 });
await assert.rejects(read(brief), Cloudflare.APIError);
assert.equal((await tokens.get(brief.id, { account_id })).status, 'expired');

for (let index = 0; index < 3; index++) await tokens.create(wish(`t${index}`, 'AI Gateway Run'));
const names = (await all(tokens.list({ account_id, per_page: 5 }))).map((token) => token.name);
assert.ok(['writer', 't0', 't1', 't2'].every((name) => names.includes(name)), String(names));
await refused(tokens.create({ account_id, name: 'none', policies: [] }), Cloudflare.BadRequestError);
await tokens.delete(reader.id, { account_id });
await refused(tokens.get(reader.id, { account_id }), Cloudflare.NotFoundError);
await refused(as(rolled).aiGateway.get('prod', { account_id }), Cloudflare.AuthenticationError, 10000);

// The same below /user.
const mine = await cloudflare.user.tokens.create({ name: 'mine', policies: wish('', 'AI Gateway Read').policies });
assert.equal((await as(mine.value).user.tokens.verify()).id, mine.id);
assert.ok((await all(cloudflare.user.tokens.list())).some((token) => token.id === mine.id));
assert.ok((await all(cloudflare.user.tokens.permissionGroups.list())).length > 0);
const again = await cloudflare.user.tokens.value.update(mine.id);
assert.equal((await as(again).user.tokens.verify()).id, mine.id);
await cloudflare.user.tokens.update(mine.id, { name: 'ours', policies: wish('', 'AI Gateway Read').policies });
assert.equal((await cloudflare.user.tokens.get(mine.id)).name, 'ours');
await cloudflare.user.tokens.delete(mine.id);
await refused(cloudflare.user.tokens.get(mine.id), Cloudflare.NotFoundError);
console.log('done');
