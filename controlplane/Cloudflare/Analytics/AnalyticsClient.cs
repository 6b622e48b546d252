using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Analytics;

/// <summary>`/graphql`: its failures come with the status 200 as well, and its budget is its own. Source: Cloudflare contract, section 15.</summary>
public sealed class AnalyticsClient
{
    private readonly Transport _transport;

    internal AnalyticsClient(Transport transport) => _transport = transport;

    /// <summary>Any document; the answer is its `data`.</summary>
    public Task<JsonElement> QueryAsync(string query, JsonObject variables, CancellationToken cancellationToken) =>
        AskAsync(query, variables, data => data, cancellationToken);

    /// <summary>Groups, in the order asked for. A group is no more than a sample's estimate.</summary>
    public Task<IReadOnlyList<AnalyticsRow>> GroupsAsync(AnalyticsQuery query, CancellationToken cancellationToken) =>
        AskAsync<IReadOnlyList<AnalyticsRow>>(query.ToText(_transport.Options.Assumptions), query.ToVariables(_transport.Options.AccountId),
            data => [.. Account(data).Items(query.Dataset).Select(AnalyticsRow.Read)], cancellationToken);

    /// <summary>What may be asked of a dataset, which may differ between accounts.</summary>
    public Task<DatasetSettings> SettingsAsync(string dataset, CancellationToken cancellationToken) =>
        AskAsync(AnalyticsQuery.SettingsText(dataset), new JsonObject { ["acct"] = _transport.Options.AccountId },
            data => DatasetSettings.Read(Account(data).Member("settings").Member(dataset)), cancellationToken);

    private Task<T> AskAsync<T>(string query, JsonObject variables, Func<JsonElement, T> read, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Analytics.Query).With(new JsonObject { ["query"] = query, ["variables"] = variables.DeepClone() }), Form.GraphQl, root => read(root.Member("data")), cancellationToken);

    private static JsonElement Account(JsonElement data) =>
        data.Member("viewer").Items("accounts").Select(account => (JsonElement?)account).FirstOrDefault() ?? throw new JsonException("no account");
}
