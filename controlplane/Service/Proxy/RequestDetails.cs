using System.Text.Json;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>The metadata (<see cref="CallerMetadata"/>) and headers of a request, for rules that ask for them; read when the first one does.</summary>
/// <param name="headers">Without the caller's token, which was taken out.</param>
public sealed class RequestDetails(IHeaderDictionary headers) : IRequestDetails
{
    private const int MostEntries = 5;

    private IReadOnlyDictionary<string, JsonElement>? _metadata;

    public string? Metadata(string name) => (_metadata ??= CallerMetadata.Read(headers[CallerMetadata.Header], MostEntries)).TryGetValue(name, out var value) ? TextOf(value) : null;

    public string? Header(string name) => headers.TryGetValue(name, out var values) ? string.Join(", ", values.AsEnumerable()) : null;

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        _ => "false",
    };
}
