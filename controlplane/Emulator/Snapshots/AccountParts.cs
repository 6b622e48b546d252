using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.Management.CustomProviders;
using GatewayOps.Emulator.Management.SecretsStore;
using GatewayOps.Emulator.Management.Tokens;
using GatewayOps.Emulator.State;
using static GatewayOps.Emulator.Management.Shapes;
using static GatewayOps.Emulator.Snapshots.SnapshotWords;

namespace GatewayOps.Emulator.Snapshots;

/// <summary>What the account holds beside its gateways, area by area.</summary>
public sealed class AccountParts(EmulatorOptions options, EmulatorClock clock)
{
    private static readonly Regex Hash = new("^[0-9a-f]{64}$", RegexOptions.NonBacktracking);

    public IReadOnlyList<SnapshotPart<World>> All =>
    [
        new("billing", Closed(
            new Member("settledCents", NumberBetween(-1e15, 1e15), Required: true),
            new Member("card", Closed(new Member("brand", Text(1), Required: true), new Member("last4", Text(4, 4), Required: true))),
            new Member("autoTopup", Closed(new Member("amount", Integer(1), Required: true), new Member("threshold", Integer(1), Required: true))),
            new Member("topups", ArrayOf(Closed(
                Id, CreatedAt, new Member("amount", Integer(1), Required: true), new Member("automatic", Flag), new Member("paidFrom", Time))))), SaveBilling, RestoreBilling),
        new("customProviders", ArrayOf(Closed(Id, CreatedAt, ModifiedAt, Body(CustomProviderShape.Create))), SaveProviders, RestoreProviders),
        new("secretsStore", Closed(
            Id, CreatedAt,
            new Member("name", Text(1), Required: true),
            new Member("secrets", ArrayOf(Closed(
                Id, CreatedAt, ModifiedAt, new Member("activeFrom", Time), new Member("value", Text(1, SecretBody.LongestValue)),
                Body(ObjectOf(
                    new Member("name", Text(1), Required: true),
                    new Member("scopes", ArrayOf(OneOf(SecretBody.Scopes), minimum: 1), Required: true),
                    new Member("comment", Text()))))))), SaveStore, RestoreStore),
        new("tokens", ArrayOf(Closed(
            Id,
            new Member("owner", OneOf("account", "user"), Required: true),
            new Member("issuedOn", Time), new Member("modifiedOn", Time), new Member("lastUsedOn", Time), new Member("valueSetOn", Time),
            new Member("valueHash", Text(64, 64, Hash), Required: true),
            Body(TokenShape.Update))), SaveTokens, RestoreTokens),
    ];

    private static JsonObject SaveBilling(World world, SnapshotChoice choice)
    {
        var billing = world.Account.Billing;
        var json = new JsonObject { ["settledCents"] = billing.Settled };
        if (billing.Card is { } card)
            json["card"] = new JsonObject { ["brand"] = card.Brand, ["last4"] = card.Last4 };
        if (billing.AutoTopup is { } auto)
            json["autoTopup"] = new JsonObject { ["amount"] = auto.Amount, ["threshold"] = auto.Threshold };
        var topups = Listed(billing.Topups.Reverse(), topup =>
        {
            var saved = new JsonObject { ["id"] = topup.Id, ["createdAt"] = Written(topup.CreatedAt), ["amount"] = topup.Amount, ["automatic"] = topup.Automatic };
            if (topup.PaidFrom is { } paid)
                saved["paidFrom"] = Written(paid);
            return saved;
        });
        if (topups is not null)
            json["topups"] = topups;
        return json;
    }

    private void RestoreBilling(World world, JsonElement saved, FieldPath at)
    {
        var billing = world.Account.Billing;
        billing.Card = saved.TryGetProperty("card", out var card) ? new PaymentCard(card.TextOf("brand")!, card.TextOf("last4")!) : null;
        billing.AutoTopup = saved.TryGetProperty("autoTopup", out var auto) ? new AutoTopup((long)auto.NumberOf("amount")!, (long)auto.NumberOf("threshold")!) : null;
        billing.Restore(
            saved.GetProperty("settledCents").GetDecimal(),
            saved.TryGetProperty("topups", out var topups)
                ? topups.EnumerateArray().Select(topup => new Topup(
                    topup.IdOr($"pi_{Identifier.NewHex()}"), (long)topup.NumberOf("amount")!, topup.FlagOf("automatic"), topup.TimeOf("createdAt") ?? clock.GetUtcNow(), topup.TimeOf("paidFrom")))
                : []);
    }

    private static JsonArray? SaveProviders(World world, SnapshotChoice choice) =>
        Listed(world.Account.CustomProviders.Providers.OrderBy(provider => provider.CreatedAt).ThenBy(provider => provider.Slug, StringComparer.Ordinal), provider =>
        {
            var body = new JsonObject { ["name"] = provider.Name, ["slug"] = provider.Slug, ["base_url"] = provider.BaseUrl, ["enable"] = provider.Enable, ["beta"] = provider.Beta };
            var headers = provider.HeadersText is { } text && !choice.SecretValues ? Redaction.Headers(text) : provider.HeadersText;
            foreach (var (name, value) in new[]
            {
                ("description", provider.Description), ("link", provider.Link), ("curl_example", provider.CurlExample), ("js_example", provider.JsExample), ("headers", headers),
            })
            {
                if (value is not null)
                    body[name] = value;
            }
            if (provider.Position is { } position)
                body["position"] = position;
            return new JsonObject { ["id"] = provider.Id, ["createdAt"] = Written(provider.CreatedAt), ["modifiedAt"] = Written(provider.ModifiedAt), ["body"] = body };
        });

    private static void RestoreProviders(World world, JsonElement saved, FieldPath at)
    {
        foreach (var (item, path) in saved.Items(at))
        {
            var restored = world.Account.CustomProviders.Add(origin => CustomProviderShape.Apply(
                new CustomProviderState
                {
                    Id = item.IdOr(origin.Id),
                    Name = "",
                    Slug = "",
                    BaseUrl = "",
                    CreatedAt = item.TimeOf("createdAt") ?? origin.At,
                    ModifiedAt = item.TimeOf("modifiedAt") ?? origin.At,
                    Generation = origin.Generation,
                },
                item.Body()));
            if (restored is null)
                throw new SnapshotException(path, $"custom provider '{item.Body().TextOf("slug")}' is there twice");
        }
    }

    private static JsonObject? SaveStore(World world, SnapshotChoice choice) => world.Account.Store is not { } store ? null : new JsonObject
    {
        ["id"] = store.Id,
        ["name"] = store.Name,
        ["createdAt"] = Written(store.Created),
        ["secrets"] = new JsonArray([.. store.Secrets.Select(secret =>
        {
            var body = new JsonObject { ["name"] = secret.Name, ["scopes"] = new JsonArray([.. secret.Scopes.Select(scope => JsonValue.Create(scope))]) };
            if (secret.Comment is { } comment)
                body["comment"] = comment;
            var json = new JsonObject
            {
                ["id"] = secret.Id,
                ["createdAt"] = Written(secret.Created),
                ["modifiedAt"] = Written(secret.Modified),
                ["activeFrom"] = Written(secret.ActiveFrom),
            };
            if (choice.SecretValues)
                json["value"] = secret.Value;
            json["body"] = body;
            return json;
        })]),
    };

    private void RestoreStore(World world, JsonElement saved, FieldPath at)
    {
        var now = clock.GetUtcNow();
        var store = world.Account.RestoreStore(saved.TextOf("name")!, saved.IdOr(Identifier.NewHex()), saved.TimeOf("createdAt") ?? now);
        foreach (var (item, path) in saved.TryGetProperty("secrets", out var secrets) ? secrets.Items(at["secrets"]) : [])
        {
            if (item.TryGetProperty("value", out _) && !options.StateSecrets)
                throw new SnapshotException(path["value"], "the snapshot holds values of secrets: start with --state-secrets to use and keep them, or take them out");
            var (body, created) = (item.Body(), item.TimeOf("createdAt") ?? now);
            var name = body.TextOf("name")!;
            var restored = store.Restore(new SecretState
            {
                Id = item.IdOr(Identifier.NewHex()),
                Name = name,
                Value = item.TextOf("value") ?? SnapshotChoice.Placeholder(name),
                Scopes = [.. body.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()!).Distinct().Order(StringComparer.Ordinal)],
                Comment = body.TextOf("comment"),
                Created = created,
                Modified = item.TimeOf("modifiedAt") ?? created,
                ActiveFrom = item.TimeOf("activeFrom") ?? created,
            });
            if (!restored)
                throw new SnapshotException(path, $"secret '{name}', or its id, is there twice");
        }
    }

    private static JsonArray? SaveTokens(World world, SnapshotChoice choice) =>
        Listed(world.Tokens.Of(TokenOwner.Account).Concat(world.Tokens.Of(TokenOwner.User)), token =>
        {
            var json = new JsonObject
            {
                ["id"] = token.Id,
                ["owner"] = token.Owner == TokenOwner.Account ? "account" : "user",
                ["issuedOn"] = Written(token.IssuedOn),
                ["modifiedOn"] = Written(token.ModifiedOn),
                ["valueSetOn"] = Written(token.ValueSetOn),
                ["valueHash"] = token.ValueHash,
            };
            if (world.Tokens.LastUsed(token) is { } used)
                json["lastUsedOn"] = Written(used);
            json["body"] = TokenJson.Body(token.Terms);
            return json;
        });

    private void RestoreTokens(World world, JsonElement saved, FieldPath at)
    {
        foreach (var (item, path) in saved.Items(at))
        {
            var owner = item.TextOf("owner") == "user" ? TokenOwner.User : TokenOwner.Account;
            var (terms, errors) = TokenReader.Read(item.Body(), TokenShape.Update, owner == TokenOwner.User ? null : world.Account.Id, old: null);
            if (terms is null)
                throw new SnapshotException(path.ToPointer() + "/body" + errors[0].Path!.ToPointer(), errors[0].Message);
            var issued = item.TimeOf("issuedOn") ?? clock.GetUtcNow();
            var token = new TokenState(
                item.IdOr(Identifier.NewHex()), owner, terms, issued, item.TimeOf("modifiedOn") ?? issued, item.TimeOf("valueSetOn") ?? issued, item.TextOf("valueHash")!);
            if (!world.Tokens.Restore(token, item.TimeOf("lastUsedOn")))
                throw new SnapshotException(path, $"token '{terms.Name}', its id or its value, is there twice");
        }
    }
}
