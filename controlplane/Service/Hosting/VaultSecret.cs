using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>
/// One secret of HashiCorp Vault, key/value engine version 2, whose fields are variables' names in small or capital letters. Asked only where GATEWAYOPS_VAULT_PATH names it.
/// GatewayOps.Client compiles this file too: a program and its proxy read one secret, and must read it alike. Source: Vault's HTTP API, `secret/kv/kv-v2`; checklist S1-12, S1-13.
/// </summary>
/// <param name="given">The value of a variable; null where it is not set, or empty.</param>
internal sealed class VaultSecret(Func<string, string?> given)
{
    /// <summary>Engine and secret, as `secret/gatewayops`.</summary>
    public const string PathVariable = "GATEWAYOPS_VAULT_PATH";

    private const string AddressVariable = "VAULT_ADDR", TokenVariable = "VAULT_TOKEN", TokenFileVariable = "VAULT_TOKEN_FILE", NamespaceVariable = "VAULT_NAMESPACE";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Its path; null where no secret is named.</summary>
    public string? Path => given(PathVariable);

    /// <summary>The fields that are texts, trimmed and not empty, by names without regard to capitals; none where no secret is named, or Vault has none there. Throws <see cref="VaultException"/>.</summary>
    public IReadOnlyDictionary<string, string> Texts()
    {
        var texts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in Path is null ? [] : Get().Fields)
        {
            if (value?.GetValueKind() == JsonValueKind.String && value.GetValue<string>().Trim() is { Length: > 0 } text)
            {
                texts[name] = text;
            }
        }

        return texts;
    }

    /// <summary>Puts one field, and leaves the others as they are: a write that somebody else's came before is refused by Vault. Throws <see cref="VaultException"/>.</summary>
    public void Put(string name, string value)
    {
        var (fields, version) = Get();
        // What is there may be spelt either way: one field of a name.
        foreach (var same in fields.Select(field => field.Key).Where(key => key.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList())
        {
            fields.Remove(same);
        }

        fields[name.ToLowerInvariant()] = value;
        var body = new JsonObject { ["options"] = new JsonObject { ["cas"] = version }, ["data"] = fields.DeepClone() };
        using var answer = Send(HttpMethod.Post, body);
        Demand(answer, "update");
    }

    private (JsonObject Fields, long Version) Get()
    {
        using var answer = Send(HttpMethod.Get, body: null);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            // A secret whose last version was deleted tells its number all the same.
            return ([], Version(Parsed(answer)));
        }

        Demand(answer, "read");
        var whole = Parsed(answer);
        // The outer `data` is Vault's, the inner one the secret; beside it stands its metadata.
        return whole?["data"] is JsonObject data && data["data"] is JsonObject fields
            ? (fields, Version(whole))
            : throw new VaultException(PathVariable, $"Vault's answer for {PathVariable}={Path} is not one of the key/value engine version 2: name the engine and the secret, as secret/gatewayops");
    }

    private static long Version(JsonObject? answer) =>
        answer?["data"] is JsonObject data && data["metadata"] is JsonObject metadata && metadata["version"] is JsonValue version && version.TryGetValue(out long number) ? number : 0;

    // Settings are read before anything else runs, and in one thread.
    private HttpResponseMessage Send(HttpMethod method, JsonObject? body)
    {
        var url = Url();
        // A token goes to the address that it was meant for.
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Patience, MaxResponseContentBufferSize = 1024 * 1024 };
        using var request = new HttpRequestMessage(method, url);
        request.Headers.Add("X-Vault-Request", "true");
        request.Headers.Add("X-Vault-Token", Token());
        if (given(NamespaceVariable) is { } space)
        {
            request.Headers.Add("X-Vault-Namespace", IsSendable(space) ? space : throw new VaultException(NamespaceVariable, $"{NamespaceVariable} holds a character that a header cannot carry: correct it"));
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
            var why = e is TaskCanceledException ? $"no answer within {Patience.TotalSeconds:0} s" : e.InnerException?.Message ?? e.Message;
            throw new VaultException(AddressVariable, $"Vault at {url.Authority} cannot be reached ({why}): correct {AddressVariable}, or unset {PathVariable}", e);
        }
    }

    private void Demand(HttpResponseMessage answer, string capability)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw answer.StatusCode switch
            {
                HttpStatusCode.Forbidden => new VaultException(TokenVariable, $"Vault refuses {Path}: the token ({TokenVariable}) has expired, or its policy lacks `{capability}` on {Route()}"),
                HttpStatusCode.ServiceUnavailable => new VaultException(AddressVariable, $"Vault is sealed, or not ready: unseal it, then repeat; or correct {AddressVariable}"),
                HttpStatusCode.BadRequest => new VaultException(PathVariable, $"Vault did not take the change of {Path}: somebody else changed it meanwhile, or it is not of the key/value engine version 2; look at it, then repeat"),
                _ => new VaultException(AddressVariable, $"Vault answers {(int)answer.StatusCode} for {Path}: correct {AddressVariable} and {PathVariable}"),
            };
        }
    }

    private Uri Url()
    {
        var address = given(AddressVariable) ?? throw new VaultException(AddressVariable, $"{PathVariable} is set and {AddressVariable} is not: set it to Vault's address, or unset {PathVariable}");
        return Uri.TryCreate(address, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" }
            ? new Uri($"{url.AbsoluteUri.TrimEnd('/')}/v1/{Route()}")
            : throw new VaultException(AddressVariable, $"{AddressVariable} is not a plain http or https address: correct it, or unset {PathVariable}");
    }

    // `secret/gatewayops` is at secret/data/gatewayops; a path that says `data` itself stays as it is, for engines below a path of several parts.
    private string Route()
    {
        var parts = (Path ?? "").Trim('/').Split('/');
        return parts.Length < 2 || parts.Any(part => part is "" or "." or ".." || part.AsSpan().IndexOfAny("?#%\\") >= 0)
            ? throw new VaultException(PathVariable, $"{PathVariable} is not engine and secret, as secret/gatewayops: correct it")
            : string.Join('/', (parts.Contains("data") ? parts : [parts[0], "data", .. parts[1..]]).Select(Uri.EscapeDataString));
    }

    private string Token()
    {
        var file = given(TokenFileVariable) ?? (given("HOME") is { } home && File.Exists(System.IO.Path.Combine(home, ".vault-token")) ? System.IO.Path.Combine(home, ".vault-token") : null);
        try
        {
            var token = given(TokenVariable) ?? (file is null ? "" : File.ReadAllText(file).Trim());
            return token.Length > 0 && IsSendable(token)
                ? token
                : throw new VaultException(TokenVariable, $"{PathVariable} is set and there is no usable token of Vault: set {TokenVariable} or {TokenFileVariable}, or run `vault login`");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VaultException(TokenFileVariable, $"{file} cannot be read ({e.Message}): correct {TokenFileVariable}", e);
        }
    }

    private static bool IsSendable(string value) => value.All(c => c is > ' ' and <= '~');

    private static JsonObject? Parsed(HttpResponseMessage answer)
    {
        try
        {
            using var stream = answer.Content.ReadAsStream();
            return JsonNode.Parse(stream) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Vault cannot be asked, or says no: a setting is not to fall back unseen.</summary>
/// <param name="variable">The one to put right.</param>
/// <param name="problem">What, why and the next step, without a secret.</param>
/// <param name="inner">What it was, where it was not an answer.</param>
internal sealed class VaultException(string variable, string problem, Exception? inner = null) : Exception(problem, inner)
{
    public string Variable { get; } = variable;
}
