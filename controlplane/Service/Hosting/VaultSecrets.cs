using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>
/// Secrets in HashiCorp Vault, key/value engine version 2: one secret whose fields are well-known names (<see cref="EnvironmentNames"/>), in small or capital letters. Asked only where
/// GATEWAYOPS_VAULT_PATH names it, and stronger than the environment then. Source: checklist S1-12, S1-13; Vault's HTTP API, `secret/kv/kv-v2`.
/// </summary>
public static class VaultSecrets
{
    /// <summary>Engine and secret, as `secret/gatewayops`.</summary>
    public const string PathVariable = "GATEWAYOPS_VAULT_PATH";

    private const string AddressVariable = "VAULT_ADDR", TokenVariable = "VAULT_TOKEN", TokenFileVariable = "VAULT_TOKEN_FILE", NamespaceVariable = "VAULT_NAMESPACE";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Whether settings lie there.</summary>
    public static bool IsConfigured(IReadOnlyDictionary<string, string> variables) => variables.Given(PathVariable) is not null;

    /// <summary>The well-known names that the secret has; none where Vault is not configured, or has no such secret. Throws <see cref="StartException"/> when it cannot be asked: a setting is not to fall back unseen.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(IReadOnlyDictionary<string, string> variables)
    {
        if (!IsConfigured(variables))
        {
            return [];
        }

        var known = EnvironmentNames.Table.Select(row => row.Name).ToHashSet(StringComparer.Ordinal);
        return [.. Get(variables).Fields
            .Select(field => KeyValuePair.Create(field.Key.ToUpperInvariant(), field.Value?.GetValueKind() == JsonValueKind.String ? field.Value.GetValue<string>().Trim() : ""))
            .Where(field => field.Value.Length > 0 && known.Contains(field.Key))];
    }

    /// <summary>Puts one field, and leaves the others as they are: a write that somebody else's came before is refused by Vault. Throws <see cref="StartException"/>.</summary>
    public static void Put(IReadOnlyDictionary<string, string> variables, string name, string value)
    {
        var (fields, version) = Get(variables);
        // What is there may be spelt either way: one field of a name.
        foreach (var same in fields.Where(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Key).ToList())
        {
            fields.Remove(same);
        }

        fields[name.ToLowerInvariant()] = value;
        var body = new JsonObject { ["options"] = new JsonObject { ["cas"] = version }, ["data"] = fields.DeepClone() };
        using var answer = Send(variables, HttpMethod.Post, body);
        Demand(answer, variables, "update");
    }

    private static (JsonObject Fields, long Version) Get(IReadOnlyDictionary<string, string> variables)
    {
        using var answer = Send(variables, HttpMethod.Get, body: null);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            // A secret whose last version was deleted tells its number all the same.
            return ([], Parsed(answer)?["data"]?["metadata"]?["version"]?.GetValue<long>() ?? 0);
        }

        Demand(answer, variables, "read");
        var data = Parsed(answer)?["data"];
        return data?["data"] is JsonObject fields
            ? (fields, data["metadata"]?["version"]?.GetValue<long>() ?? 0)
            : throw new StartException($"Vault's answer for {PathVariable}={variables[PathVariable]} is not one of the key/value engine version 2: name the engine and the secret, as secret/gatewayops");
    }

    // Settings are read before anything else runs, and in one thread.
    private static HttpResponseMessage Send(IReadOnlyDictionary<string, string> variables, HttpMethod method, JsonObject? body)
    {
        var url = Url(variables);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Patience, MaxResponseContentBufferSize = 1024 * 1024 };
        using var request = new HttpRequestMessage(method, url);
        request.Headers.Add("X-Vault-Request", "true");
        request.Headers.Add("X-Vault-Token", Token(variables));
        if (variables.Given(NamespaceVariable) is { } space)
        {
            request.Headers.Add("X-Vault-Namespace", space);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        try
        {
            return http.Send(request, HttpCompletionOption.ResponseContentRead);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            throw new StartException($"Vault at {url.GetLeftPart(UriPartial.Authority)} cannot be reached ({(e is TaskCanceledException ? $"no answer within {Patience.TotalSeconds:0} s" : e.InnerException?.Message ?? e.Message)}): correct {AddressVariable}, or unset {PathVariable}");
        }
    }

    private static void Demand(HttpResponseMessage answer, IReadOnlyDictionary<string, string> variables, string capability)
    {
        var path = variables[PathVariable];
        if (!answer.IsSuccessStatusCode)
        {
            throw new StartException(answer.StatusCode switch
            {
                HttpStatusCode.Forbidden => $"Vault refuses {path}: the token ({TokenVariable}) has expired, or its policy lacks `{capability}` on {Api(path)}",
                HttpStatusCode.ServiceUnavailable => "Vault is sealed, or not ready: unseal it, then repeat",
                HttpStatusCode.BadRequest => $"Vault did not take the change of {path}: somebody else changed it meanwhile, or it is not of the key/value engine version 2; look at it, then repeat",
                _ => $"Vault answers {(int)answer.StatusCode} for {path}: correct {AddressVariable} and {PathVariable}",
            });
        }
    }

    private static Uri Url(IReadOnlyDictionary<string, string> variables)
    {
        var address = variables.Given(AddressVariable) ?? throw new StartException($"{PathVariable} is set and {AddressVariable} is not: set it to Vault's address, or unset {PathVariable}");
        return Uri.TryCreate(address.TrimEnd('/') + "/v1/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? new Uri(url, Api(variables.Given(PathVariable) ?? throw new StartException($"{PathVariable} is not set: set it to engine and secret, as secret/gatewayops")))
            : throw new StartException($"{AddressVariable} is not an http or https address: correct it, or unset {PathVariable}");
    }

    // `secret/gatewayops` is at secret/data/gatewayops; a path that says `data` itself stays as it is, for engines below a path of several parts.
    private static string Api(string path)
    {
        var parts = path.Trim('/').Split('/');
        return parts.Length < 2 || parts.Any(part => part is "" or "." or ".." || part.AsSpan().IndexOfAny("?#%\\") >= 0)
            ? throw new StartException($"{PathVariable} is not engine and secret, as secret/gatewayops: correct it")
            : string.Join('/', parts.Contains("data") ? parts : [parts[0], "data", .. parts[1..]]);
    }

    private static string Token(IReadOnlyDictionary<string, string> variables)
    {
        var file = variables.Given(TokenFileVariable) ?? (variables.Given("HOME") is { } home && File.Exists(Path.Combine(home, ".vault-token")) ? Path.Combine(home, ".vault-token") : null);
        try
        {
            var token = variables.Given(TokenVariable) ?? (file is null ? "" : File.ReadAllText(file).Trim());
            return token.Length > 0 && token.All(c => c is > ' ' and <= '~') ? token : throw new StartException($"{PathVariable} is set and there is no usable token of Vault: set {TokenVariable} or {TokenFileVariable}, or run `vault login`");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file} cannot be read ({e.Message}): correct {TokenFileVariable}");
        }
    }

    private static JsonNode? Parsed(HttpResponseMessage answer)
    {
        try
        {
            using var stream = answer.Content.ReadAsStream();
            return JsonNode.Parse(stream);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
