using System.Text.Json.Nodes;
using GatewayOps.Cli.ControlPlane;

namespace GatewayOps.Cli.Commands;

/// <summary>Follows a list's cursor to its end, so that a verb shows all there is.</summary>
public static class Pages
{
    public static async Task<JsonObject> AllAsync(ControlPlaneApi api, string path, string member, CancellationToken cancellationToken)
    {
        var all = new JsonArray();
        string? cursor = null;
        do
        {
            var separator = path.Contains('?') ? '&' : '?';
            var page = await api.GetAsync(cursor is null ? path : $"{path}{separator}cursor={Uri.EscapeDataString(cursor)}", cancellationToken);
            foreach (var item in page[member] as JsonArray ?? [])
            {
                all.Add(item?.DeepClone());
            }

            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor is not null);

        return new JsonObject { [member] = all };
    }
}
