using System.Net;
using System.Text.Json;

namespace GatewayOps.Client.Settings;

/// <summary>
/// Credentials in HashiCorp Vault: one secret of a key-value store, version 2, whose fields are the variables' names in small or capital letters. Asked only where GATEWAYOPS_VAULT_PATH names
/// it, as the service has it. Source: Vault's HTTP API, `secret/kv/kv-v2`; checklist S1-12.
/// </summary>
internal static class VaultSecret
{
    /// <summary>Engine and secret, as `secret/gatewayops`.</summary>
    public const string PathVariable = "GATEWAYOPS_VAULT_PATH";

    private const string AddressVariable = "VAULT_ADDR", TokenVariable = "VAULT_TOKEN", TokenFileVariable = "VAULT_TOKEN_FILE", NamespaceVariable = "VAULT_NAMESPACE";

    private const int MostBytes = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    /// <summary>The fields, by names without regard to capitals; none where Vault is not named, or has no such secret.</summary>
    public static IReadOnlyDictionary<string, string> Read(SettingLayers layers)
    {
        if (layers.Find(PathVariable) is not { } path) return Nothing;
        var address = layers.FindUrl(nameof(GatewaySources), AddressVariable);
        if (!OptionsCheck.IsPlain(address)) throw Wrong($"{PathVariable} is set, and {AddressVariable} is no http(s) address: set it to Vault's, or unset {PathVariable}", AddressVariable);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{address!.AbsoluteUri.TrimEnd('/')}/v1/{Route(path)}");
        request.Headers.Add("X-Vault-Request", "true");
        request.Headers.Add("X-Vault-Token", Token(layers));
        if (layers.Find(NamespaceVariable) is { } space) request.Headers.Add("X-Vault-Namespace", Sendable(space, NamespaceVariable));
        var (status, body) = Ask(request, address);
        return status switch
        {
            HttpStatusCode.OK => Fields(body),
            HttpStatusCode.NotFound => Nothing,
            HttpStatusCode.Forbidden => throw Wrong($"Vault refuses {path}: {TokenVariable} has expired, or its policy lacks `read` on {Route(path)}", TokenVariable),
            _ => throw Wrong($"Vault at {address.Authority} answered {(int)status}: check {AddressVariable}, and `vault status`", AddressVariable),
        };
    }

    // `secret/gatewayops` is at secret/data/gatewayops; a path that says `data` itself stays as it is, for engines below a path of several parts.
    private static string Route(string path)
    {
        var parts = path.Trim('/').Split('/');
        if (parts.Length < 2 || parts.Any(part => part is "" or "." or "..")) throw Wrong($"{PathVariable} is not engine and secret, as secret/gatewayops: correct it", PathVariable);
        return string.Join('/', (parts.Contains("data") ? parts : [parts[0], "data", .. parts[1..]]).Select(Uri.EscapeDataString));
    }

    private static string Token(SettingLayers layers)
    {
        var file = layers.Find(TokenFileVariable) ?? (layers.Find("HOME") is { } home ? Path.Combine(home, ".vault-token") : "");
        var token = layers.Find(TokenVariable) ?? (File.Exists(file) ? SettingFile.Text(file, nameof(GatewaySources)).Trim() : "");
        return token.Length > 0 ? Sendable(token, TokenVariable) : throw Wrong($"{PathVariable} is set, and there is no token of Vault: set {TokenVariable} or {TokenFileVariable}, or run `vault login`", TokenVariable);
    }

    private static string Sendable(string value, string variable) => OptionsCheck.IsHeader(value) ? value : throw Wrong($"{variable} holds a character that a header cannot carry: correct it", variable);

    private static (HttpStatusCode, byte[]) Ask(HttpRequestMessage request, Uri address)
    {
        // A token goes to the address that it was meant for.
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Patience, MaxResponseContentBufferSize = MostBytes };
        try
        {
            using var answer = http.Send(request);
            using var body = new MemoryStream();
            answer.Content.CopyTo(body, null, CancellationToken.None);
            return (answer.StatusCode, body.ToArray());
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            throw Wrong($"Vault at {address.Authority} cannot be reached ({e.GetType().Name}): correct {AddressVariable}, or unset {PathVariable}", AddressVariable, e);
        }
    }

    private static Dictionary<string, string> Fields(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            // The outer `data` is Vault's, the inner one the secret; beside it stands its metadata.
            return document.RootElement.GetProperty("data").GetProperty("data").EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.String && field.Value.GetString()!.Trim().Length > 0)
                .ToDictionary(field => field.Name, field => field.Value.GetString()!.Trim(), StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw Wrong($"What Vault answered is no secret of a key-value store of version 2: correct {PathVariable}", PathVariable);
        }
    }

    private static GatewayConfigurationException Wrong(string problem, string variable, Exception? inner = null) => new($"Configuration error: {problem}", nameof(GatewaySources), variable, inner);
}
