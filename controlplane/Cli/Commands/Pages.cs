using System.Text.Json.Nodes;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>Follows a list's cursor, to its end or to as many rows as were asked for.</summary>
public static class Pages
{
    // What the service gives at once.
    private const int Largest = 200;

    /// <summary>Every row.</summary>
    public static Task<JsonObject> AllAsync(ControlPlaneApi api, string path, string member, CancellationToken cancellationToken) => CollectAsync(api, path, member, int.MaxValue, cancellationToken);

    /// <summary>The first <paramref name="count"/> rows.</summary>
    public static Task<JsonObject> FirstAsync(ControlPlaneApi api, string path, string member, int count, CancellationToken cancellationToken) =>
        count < 1 ? throw new CliException($"{count} rows cannot be shown.", "ask for 1 or more") : CollectAsync(api, path, member, count, cancellationToken);

    /// <summary>`path?a=1&amp;b=2` of the parameters that have a value.</summary>
    public static string Query(string path, params (string Name, string? Value)[] parameters) =>
        parameters.Where(parameter => parameter.Value is not null).Aggregate(path, (text, parameter) => $"{text}{(text.Contains('?') ? '&' : '?')}{parameter.Name}={Uri.EscapeDataString(parameter.Value!)}");

    private static async Task<JsonObject> CollectAsync(ControlPlaneApi api, string path, string member, int count, CancellationToken cancellationToken)
    {
        var all = new JsonArray();
        string? cursor = null;
        do
        {
            var limit = count == int.MaxValue ? null : Math.Min(count - all.Count, Largest).ToString();
            var page = await api.GetAsync(Query(path, ("limit", limit), ("cursor", cursor)), cancellationToken);
            foreach (var item in Cell.Items(page[member]).Take(count - all.Count))
            {
                all.Add(item.DeepClone());
            }

            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor is not null && all.Count < count);

        return new JsonObject { [member] = all };
    }
}
