using System.Text.Json;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.WorkersAi;

/// <summary>A run of any catalogued model. `Completed` says whether it has a result; otherwise the error is why not.</summary>
public sealed record ModelRun(bool Completed, JsonElement Result, string? Provider, string? Model, CloudflareError? Error)
{
    internal static ModelRun Read(JsonElement result)
    {
        // Where nothing runs in the background, the result comes by itself.
        if (result.Text("state") is not { } state) return new(true, result, null, null, null);
        var error = result.Member("error") is { ValueKind: JsonValueKind.Object } found ? new CloudflareError((int?)found.Whole("code"), found.Text("message") ?? "") : null;
        return new(state == "Completed", result.Member("result"), result.Text("provider"), result.Text("model"), error);
    }
}
