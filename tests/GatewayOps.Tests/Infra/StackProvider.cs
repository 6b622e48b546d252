using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GatewayOps.Infra.Spec;
using GatewayOps.Rules;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Infra;

/// <summary>
/// What `pulumi up` does to an account, over its public API: a whole gateway is written from the specification and the state; what the stack ignores comes from the state, and the
/// state is what was read or written last. Knows nothing of the control plane.
/// </summary>
internal sealed class StackProvider(TestEmulator cloudflare)
{
    private readonly Dictionary<string, JsonObject> _gateways = [];
    private readonly Dictionary<string, string> _secretIds = [];
    private readonly Dictionary<string, string> _tokens = [];

    public string? StoreId { get; private set; }

    public string HandOver(StackSpec spec, string stack = "prod") => GatewayOps.Infra.Spec.HandOver.Of(spec, "gateways", stack, StoreId ?? spec.ExistingStoreId, _secretIds);

    /// <summary>Value of a token that was made, as only its creation tells it.</summary>
    public string TokenOf(string name) => _tokens[name];

    /// <summary>`pulumi refresh`: the state is what Cloudflare has.</summary>
    public async Task RefreshAsync(StackSpec spec)
    {
        foreach (var gateway in spec.Gateways)
        {
            if (await ReadAsync($"ai-gateway/gateways/{gateway.Id}") is JsonObject live)
                _gateways[gateway.Id] = Settable(live);
            else
                _gateways.Remove(gateway.Id);
        }
    }

    /// <summary>What an update would change, in words; empty is an empty preview.</summary>
    public async Task<IReadOnlyList<string>> PreviewAsync(StackSpec spec)
    {
        await RefreshAsync(spec);
        return
        [
            .. spec.Gateways.SelectMany(gateway => Changes(gateway, Declared(spec, gateway), spec.HasStore(gateway))),
            .. spec.Keys.Where(key => !_secretIds.ContainsKey(key.SecretName)).Select(key => $"create {key.SecretName}"),
            .. spec.Tokens.Where(token => !_tokens.ContainsKey(token.Name)).Select(token => $"create {token.Name}"),
        ];
    }

    /// <param name="refresh">False: the state is what it was when it was last read or written, as without `refresh: always`.</param>
    public async Task UpAsync(StackSpec spec, SecretValues values, bool refresh = true)
    {
        if (refresh)
            await RefreshAsync(spec);
        if (spec.MakesStore && StoreId is null)
            StoreId = (await WriteAsync(HttpMethod.Post, "secrets_store/stores", new JsonObject { ["name"] = spec.StoreName }))["id"]!.GetValue<string>();
        foreach (var key in spec.Keys.Where(key => !_secretIds.ContainsKey(key.SecretName)))
            _secretIds[key.SecretName] = (await WriteAsync(HttpMethod.Post, $"secrets_store/stores/{StoreId ?? spec.ExistingStoreId}/secrets", new JsonArray(new JsonObject
            {
                ["name"] = key.SecretName,
                ["value"] = values.Of(key),
                ["scopes"] = new JsonArray("ai_gateway"),
            })))["id"]!.GetValue<string>();
        foreach (var gateway in spec.Gateways)
        {
            var declared = Declared(spec, gateway);
            if (!_gateways.ContainsKey(gateway.Id))
            {
                declared["id"] = gateway.Id;
                _gateways[gateway.Id] = Settable(await WriteAsync(HttpMethod.Post, "ai-gateway/gateways", declared));
            }
            else if (Changes(gateway, declared, spec.HasStore(gateway)).Any())
            {
                _gateways[gateway.Id] = Settable(await WriteAsync(HttpMethod.Put, $"ai-gateway/gateways/{gateway.Id}", Merged(gateway, declared, spec.HasStore(gateway))));
            }
        }

        foreach (var token in spec.Tokens.Where(token => !_tokens.ContainsKey(token.Name)))
            _tokens[token.Name] = (await WriteAsync(HttpMethod.Post, "tokens", await TokenAsync(spec, token)))["value"]!.GetValue<string>();
    }

    private JsonObject Declared(StackSpec spec, GatewaySpec gateway)
    {
        var declared = gateway.Fields.DeepClone().AsObject();
        if (spec.HasStore(gateway) && (StoreId ?? spec.ExistingStoreId) is { } store)
            declared["store_id"] = store;
        return declared;
    }

    // `ignoreChanges` takes the state's value; so does the provider for what is not declared and Cloudflare fills in.
    private JsonObject Merged(GatewaySpec gateway, JsonObject declared, bool hasStore)
    {
        var (merged, state) = (declared.DeepClone().AsObject(), _gateways[gateway.Id]);
        foreach (var field in FieldOwnership.Fields.Where(field => IgnoredChanges.Of(hasStore).Contains(IgnoredChanges.PulumiName(field))))
            merged[field] = state[field]?.DeepClone();
        var rules = (state["spend_limits"] as JsonObject)?["rules"] as JsonArray ?? [];
        foreach (var (rule, known) in ((merged["spend_limits"] as JsonObject)?["rules"] as JsonArray ?? []).Zip(rules))
            rule!.AsObject().TryAdd("id", known!["id"]?.DeepClone());
        return merged;
    }

    private IEnumerable<string> Changes(GatewaySpec gateway, JsonObject declared, bool hasStore)
    {
        if (!_gateways.TryGetValue(gateway.Id, out var state))
            return [$"create {gateway.Id}"];
        return Merged(gateway, declared, hasStore).Where(field => !JsonNode.DeepEquals(field.Value, state[field.Key])).Select(field => $"update {gateway.Id}: {field.Key} {state[field.Key]?.ToJsonString()} -> {field.Value?.ToJsonString()}");
    }

    private async Task<JsonObject> TokenAsync(StackSpec spec, TokenSpec token)
    {
        var groups = (await ReadAsync("tokens/permission_groups"))!.AsArray().Select(group => (group!["id"]!.GetValue<string>(), group["name"]!.GetValue<string>()));
        return new JsonObject
        {
            ["name"] = token.Name,
            ["policies"] = new JsonArray(new JsonObject
            {
                ["effect"] = "allow",
                ["permission_groups"] = new JsonArray([.. token.Use.Resolve(groups).Select(id => new JsonObject { ["id"] = id })]),
                ["resources"] = new JsonObject { [$"com.cloudflare.api.account.{spec.AccountId}"] = "*" },
            }),
        };
    }

    private static JsonObject Settable(JsonObject live) => new(live.Where(field => FieldOwnership.Of(field.Key) is not null).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())));

    private async Task<JsonNode?> ReadAsync(string path)
    {
        using var response = await cloudflare.Management.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode == HttpStatusCode.NotFound ? null : (await response.Content.ReadFromJsonAsync<JsonObject>())!["result"]!.DeepClone();
    }

    private async Task<JsonObject> WriteAsync(HttpMethod method, string path, JsonNode body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        using var response = await cloudflare.Management.SendAsync(request);
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>();
        Assert.True(response.IsSuccessStatusCode, answer?.ToJsonString());
        return answer!["result"] is JsonArray list ? list[0]!.AsObject() : answer["result"]!.AsObject();
    }
}
