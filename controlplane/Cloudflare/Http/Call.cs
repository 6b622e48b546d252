using System.Globalization;
using System.Text.Json.Nodes;

namespace GatewayOps.Cloudflare.Http;

/// <summary>A call: what to do, at which path, with which query and body. `Hidden` are the secrets in the body: no error text ever holds them.</summary>
internal sealed record Call(Endpoint Endpoint, string Path)
{
    public string Query { get; init; } = "";
    public byte[]? Body { get; init; }
    public IReadOnlyList<string> Hidden { get; init; } = [];
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>How long to ask again while the answer says that something is still on its way.</summary>
    public TimeSpan Patience { get; init; }

    public string Target => Query.Length == 0 ? Path : $"{Path}?{Query}";

    public Call With(JsonNode body, IReadOnlySet<string>? without = null) => this with { Body = JsonText.Write(body, without) };

    public Call Hiding(params IEnumerable<string?> secrets) => this with { Hidden = [.. secrets.OfType<string>().Where(secret => secret.Length > 0)] };

    /// <summary>Adds a query parameter; null adds none.</summary>
    public Call And(string name, string? value) => value is null ? this : this with { Query = $"{Query}{(Query.Length == 0 ? "" : "&")}{name}={Uri.EscapeDataString(value)}" };

    public Call And(string name, bool? value) => And(name, value switch { true => "true", false => "false", null => null });

    public Call And(string name, long? value) => And(name, value?.ToString(CultureInfo.InvariantCulture));

    /// <summary>The page's parameters come first.</summary>
    public Call Page(int page, int perPage) => this with { Query = $"page={page}&per_page={perPage}{(Query.Length == 0 ? "" : "&")}{Query}" };
}
