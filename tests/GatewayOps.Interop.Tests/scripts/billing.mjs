import { Cloudflare, account_id, assert, cloudflare, refused } from './lib.mjs';

const billing = cloudflare.aiGateway.billing;
const before = await billing.creditBalance({ account_id });
await refused(billing.topup.config.get({ account_id }), Cloudflare.BadRequestError, 1000, /NO_MANUAL_TOPUP/);
await refused(billing.topup.create({ account_id, amount: 999 }), Cloudflare.BadRequestError, 7001);

const topup = await billing.topup.create({ account_id, amount: 2000 });
assert.equal((await billing.topup.status({ account_id, payment_intent_id: topup.payment_intent_id })).status, 'completed');
assert.equal((await billing.creditBalance({ account_id })).balance, before.balance + 2000);
const history = await billing.invoiceHistory({ account_id, type: 'manual' });
assert.equal(history.invoices[0].amount_paid, 2100);
assert.equal((await billing.invoiceHistory({ account_id, type: 'auto' })).invoices.length, 0);
assert.equal((await billing.invoicePreview({ account_id })).status, 'draft');
assert.deepEqual((await billing.usageHistory({ account_id, value_grouping_window: 'day', start_time: null })).history, []);
await refused(billing.usageHistory({ account_id, value_grouping_window: 'week' }), Cloudflare.BadRequestError, 7001);

// The configuration belongs to the user: a token may read it.
const wish = { account_id, amount: 5000, threshold: 500 };
await refused(billing.topup.config.create(wish), Cloudflare.PermissionDeniedError, 10000);
const user = new Cloudflare({ apiToken: null, apiEmail: process.env.LEGACY_EMAIL, apiKey: process.env.LEGACY_KEY, maxRetries: 0 });
assert.deepEqual(await user.aiGateway.billing.topup.config.create(wish), { amount: 5000, threshold: 500 });
assert.equal((await billing.topup.config.get({ account_id })).threshold, 500);
await refused(billing.topup.config.delete({ account_id }), Cloudflare.PermissionDeniedError, 10000);
await user.aiGateway.billing.topup.config.delete({ account_id });
assert.equal((await billing.topup.config.get({ account_id })).amount, null);

assert.equal((await billing.spendingLimit.get({ account_id })).enabled, false);
await refused(
  user.aiGateway.billing.spendingLimit.create({ account_id, amount: 100, duration: 'daily', strategy: 'fixed' }),
  Cloudflare.PermissionDeniedError, undefined, /spending limits are deprecated/);
await billing.spendingLimit.delete({ account_id });
console.log('done');
