using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>What must be so at the end, whatever happened: what the service acknowledged, and what belongs to somebody else.</summary>
internal sealed class Beliefs
{
    private readonly Dictionary<string, string> _foreign = [];

    /// <summary>Revisions of `rules` whose execute or rollback was acknowledged, in that order.</summary>
    public List<int> Acknowledged { get; } = [];

    /// <summary>Revisions of `rules` whose addition was acknowledged.</summary>
    public List<int> Added { get; } = [];

    /// <summary>Per `provider/alias`: the values of which the last one acknowledged, or one tried after it, must be there. Null stands for no key.</summary>
    public Dictionary<string, HashSet<string?>> Keys { get; } = [];

    /// <summary>Fields of the gateway that no rule set ever declares, as Cloudflare answered to whoever wrote them last.</summary>
    public Dictionary<string, string> ForeignFields { get; } = [];

    /// <summary>Holds on to an object that is not ours, byte for byte.</summary>
    public async Task RememberAsync(ChaosWorld world, string path) => _foreign[path] = await ReadAsync(world, path);

    /// <summary>For objects that can only be listed: the path of the list and the id.</summary>
    public async Task RememberAsync(ChaosWorld world, string list, string id) => _foreign[$"{list}#{id}"] = await ReadAsync(world, $"{list}#{id}");

    public async Task AssertUntouchedAsync(ChaosWorld world)
    {
        foreach (var (path, before) in _foreign)
        {
            Assert.True(before == await ReadAsync(world, path), $"{path} is not ours and was touched:\n{before}\n{await ReadAsync(world, path)}");
        }

        var live = await world.LiveAsync();
        foreach (var (field, before) in ForeignFields)
        {
            Assert.True(before == Text(live[field]), $"{field} is not ours and was touched: {before}, now {Text(live[field])}");
        }
    }

    public static string Text(JsonNode? node) => node?.ToJsonString() ?? "null";

    private static async Task<string> ReadAsync(ChaosWorld world, string path)
    {
        if (path.Split('#') is [var list, var id])
        {
            return Text((await world.ListAsync(list)).SingleOrDefault(item => item["id"]!.GetValue<string>() == id));
        }

        using var response = await world.Cloudflare.Management.GetAsync(new Uri(path, UriKind.Relative));
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
    }
}
