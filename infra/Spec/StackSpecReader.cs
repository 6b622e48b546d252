using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GatewayOps.Rules;
using GatewayOps.Rules.Stacks;

namespace GatewayOps.Infra.Spec;

/// <summary>The specification, the values of its keys and what was accepted of its policies; or every error in the configuration.</summary>
public sealed record StackSpecReading(StackSpec? Spec, SecretValues Values, IReadOnlyList<Acceptance> Accepted, IReadOnlyList<SpecError> Errors);

/// <summary>
/// Reads the stack's configuration. Gateway fields at the top are what each gateway has; `gateways` lists gateways that say more, and without it there is one, `gatewayId`.
/// Never throws for what it holds, and stops at no fault: whatever is wrong is told in one go, policies included.
/// </summary>
public static partial class StackSpecReader
{
    private const int LargestValue = 65_536;

    /// <param name="variable">Reads an environment variable; keys may have their values there.</param>
    public static StackSpecReading Read(StackConfiguration configuration, Func<string, string?> variable)
    {
        var faults = new ConfigFaults();
        var keys = ConfigObject.Of(configuration, faults);
        var account = keys.RequiredText("accountId", "your Cloudflare account id, 32 lower-case hex digits");
        Demand(keys, "accountId", account, AccountId(), "must be 32 lower-case hex digits");
        var baseUrl = keys.Text("gatewayBaseUrl") ?? StackSpec.DefaultBaseUrl;
        if (!IsBaseUrl(baseUrl))
            keys.Fault("gatewayBaseUrl", "must be an absolute http or https URL without user, query or fragment");
        var storeName = keys.Text("storeName") ?? StackSpec.DefaultStoreName;
        Demand(keys, "storeName", storeName, StoreName(), "must be 1 to 64 letters, digits, underscores and dashes");
        var protect = keys.Flag("protect") ?? true;
        var gateways = Gateways(keys);
        var stored = Keys(keys, gateways);
        var spec = new StackSpec
        {
            AccountId = account ?? "",
            GatewayBaseUrl = baseUrl,
            Protect = protect,
            Gateways = gateways,
            StoreName = storeName,
            Keys = stored,
            Tokens = Tokens(keys),
        };
        if (gateways.Select(gateway => gateway.StoreId).Where(id => id is not null).Distinct().Count() > 1)
            keys.Fault("gateways", "name one Secrets Store, storeId, at the top: an account has one at most");
        var values = Values(keys, spec.Keys, variable);
        var accepted = Acceptance.Read(keys, gateways);
        keys.Finish();
        var errors = faults.Errors.Concat(PolicyCheck.Of(spec, configuration, accepted)).ToList();
        return new StackSpecReading(errors.Count == 0 ? spec : null, values, accepted, errors);
    }

    private static IReadOnlyList<GatewaySpec> Gateways(ConfigObject keys)
    {
        var common = GatewayReader.Read(keys, defaults: null);
        var (only, listed) = (keys.Text("gatewayId"), keys.Objects("gateways"));
        if (listed.Count == 0)
            return [new GatewaySpec(IdOf(keys, "gatewayId", only ?? StackSpec.DefaultGateway), common)];
        var gateways = new List<GatewaySpec>();
        foreach (var item in listed)
        {
            var id = IdOf(item, "id", item.RequiredText("id", "the id of the gateway"));
            if (gateways.Any(gateway => gateway.Id == id) && id.Length > 0)
                item.Fault("id", "is given twice: remove one");
            gateways.Add(new GatewaySpec(id, GatewayReader.Read(item, common)));
            item.Finish();
        }

        return gateways;
    }

    private static string IdOf(ConfigObject keys, string key, string? id)
    {
        if (id is not null && (id.Length > 64 || !GatewayId().IsMatch(id)))
            keys.Fault(key, "must be 1 to 64 lower-case letters, digits and underscores, joined by single dashes");
        return id ?? "";
    }

    private static IReadOnlyList<KeySpec> Keys(ConfigObject keys, IReadOnlyList<GatewaySpec> gateways)
    {
        var stored = new List<KeySpec>();
        foreach (var item in keys.Objects("keys"))
        {
            var gateway = item.Has("gateway") || gateways.Count != 1 ? item.RequiredText("gateway", "one of this stack's gateways") : gateways[0].Id;
            if (gateway is not null && gateways.All(other => other.Id != gateway))
                item.Fault("gateway", $"must be one of this stack's gateways: {string.Join(", ", gateways.Select(other => other.Id))}");
            var given = item.RequiredText("provider", "the provider, as openai");
            var provider = given is null ? null : ProviderCatalogue.SlugOf(given);
            if (given is not null && provider is null)
                item.Fault("provider", $"the gateway has no provider {ConfigFaults.Shown(given, item.IsSecret("provider"))}{(ProviderCatalogue.Suggest(given) is { } near ? $"; did you mean {near}?" : "")}");
            var alias = item.Text("alias") ?? HandOverFormat.DefaultAlias;
            Demand(item, "alias", alias, Alias(), "must be 1 to 64 of a-z 0-9 -");
            var variable = item.Text("env");
            Demand(item, "env", variable, Variable(), "must be the name of an environment variable");
            if (item.Has("value"))
                item.Fault("value", "a key has no value here: pulumi config set --secret --path 'providerKeys.<gateway>_<provider>_<alias>', or name an environment variable with env");
            item.Finish();
            if (gateway is null || provider is null)
                continue;
            var key = new KeySpec(gateway, provider, alias, variable);
            if (stored.Any(other => other.SecretName == key.SecretName))
                item.Fault("provider", "is given twice with this alias for this gateway: remove one, or give it another alias");
            stored.Add(key);
        }

        return stored;
    }

    private static SecretValues Values(ConfigObject keys, IReadOnlyList<KeySpec> stored, Func<string, string?> variable)
    {
        var given = Given(keys);
        var values = new Dictionary<string, string>();
        for (var i = 0; i < stored.Count; i++)
        {
            var key = stored[i];
            var value = key.Variable is { } name ? variable(name) : given.GetValueOrDefault(key.SecretName);
            if (string.IsNullOrEmpty(value))
                keys.Fault($"keys[{i}]", key.Variable is null
                    ? $"the key has no value: pulumi config set --secret --path 'providerKeys.{key.SecretName}'"
                    : $"the environment variable {key.Variable} is empty or not set: set it for every pulumi up and preview");
            else if (value.Any(char.IsControl) || System.Text.Encoding.UTF8.GetByteCount(value) > LargestValue)
                keys.Fault($"keys[{i}]", $"the value must be up to {LargestValue} bytes without control characters, as a line break at its end");
            else
                values[key.SecretName] = value;
        }

        foreach (var name in given.Keys.Where(name => stored.All(key => key.SecretName != name || key.Variable is not null)).Order(StringComparer.Ordinal))
            keys.Fault($"providerKeys.{name}", $"is the value of no key; the names are {(stored.Count == 0 ? "none: declare one in keys" : string.Join(", ", stored.Where(key => key.Variable is null).Select(key => key.SecretName)))}");
        return new SecretValues(values);
    }

    private static Dictionary<string, string> Given(ConfigObject keys)
    {
        if (keys.Tree("providerKeys") is not { } table)
            return [];
        if (table.ValueKind == JsonValueKind.Object && table.EnumerateObject().All(member => member.Value.ValueKind == JsonValueKind.String))
            return table.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetString()!);
        keys.Fault("providerKeys", "expected an object of names and texts");
        return [];
    }

    private static IReadOnlyList<TokenSpec> Tokens(ConfigObject keys)
    {
        var tokens = new List<TokenSpec>();
        foreach (var item in keys.Objects("tokens"))
        {
            var name = item.RequiredText("name", "the token's name in Cloudflare");
            Demand(item, "name", name, TokenName(), "must be 1 to 120 printable characters");
            if (name is not null && SecretShape.Matches(name))
                item.Fault("name", "looks like a token itself: give it a name");
            var wanted = item.RequiredText("use", $"one of {string.Join(", ", TokenUse.All.Select(use => use.Name))}");
            var use = TokenUse.All.FirstOrDefault(use => use.Name == wanted);
            if (wanted is not null && use is null)
                item.Fault("use", $"must be one of {string.Join(", ", TokenUse.All.Select(known => known.Name))}");
            var (notBefore, expiresOn) = (Time(item, "notBefore"), Time(item, "expiresOn"));
            if (notBefore is { } begin && expiresOn is { } end && end.At <= begin.At)
                item.Fault("expiresOn", "must be after notBefore");
            var addresses = item.Texts("addresses");
            if (addresses.Any(address => !System.Net.IPNetwork.TryParse(address, out _) && !System.Net.IPAddress.TryParse(address, out _)))
                item.Fault("addresses", "must be IP addresses or networks, as 192.0.2.0/24");
            item.Finish();
            if (name is null || use is null)
                continue;
            if (tokens.Any(token => token.Name == name))
                item.Fault("name", "is given twice: remove one");
            tokens.Add(new TokenSpec(name, use, notBefore?.Text, expiresOn?.Text, addresses));
        }

        return tokens;
    }

    private static (string Text, DateTimeOffset At)? Time(ConfigObject keys, string key)
    {
        if (keys.Text(key) is not { } text)
            return null;
        if (Rfc3339().IsMatch(text) && DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var at))
            return (text, at);
        keys.Fault(key, "must be a time as 2027-01-31T00:00:00Z");
        return null;
    }

    private static void Demand(ConfigObject keys, string key, string? value, Regex pattern, string demand)
    {
        if (value is not null && !keys.IsFaulty(key) && !pattern.IsMatch(value))
            keys.Fault(key, demand);
    }

    private static bool IsBaseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { UserInfo: "", Query: "", Fragment: "" };

    [GeneratedRegex(@"\A[0-9a-f]{32}\z", RegexOptions.NonBacktracking)]
    private static partial Regex AccountId();

    [GeneratedRegex(@"\A[a-z0-9_]+(?:-[a-z0-9_]+)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex GatewayId();

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z", RegexOptions.NonBacktracking)]
    private static partial Regex StoreName();

    [GeneratedRegex(@"\A[a-z0-9-]{1,64}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Alias();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,127}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\A[^\p{C}]{1,120}\z", RegexOptions.NonBacktracking)]
    private static partial Regex TokenName();

    [GeneratedRegex(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)\z", RegexOptions.NonBacktracking)]
    private static partial Regex Rfc3339();
}
