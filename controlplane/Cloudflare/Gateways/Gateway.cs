using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Gateways;

/// <summary>
/// A gateway. `Fields` is the whole object as received: members that we do not know and the texts of numbers are kept. It may hold credentials (headers of `otel`,
/// `stripe`), so it is not part of ToString. Source: Cloudflare contract, section 2.1.
/// </summary>
public sealed record Gateway(string Id, JsonObject Fields)
{
    internal static Gateway Read(JsonElement element) => new(element.RequiredText("id"), element.Fields());

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Id = {Id}, Fields = {Fields.Count}");
        return true;
    }
}
