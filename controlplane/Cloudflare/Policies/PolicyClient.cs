using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Policies;

/// <summary>`…/gateways/{gateway}/policies`. What is committed is in force everywhere after 15 minutes at most. Source: Cloudflare contract, section 7.</summary>
public sealed class PolicyClient
{
    private static readonly FrozenSet<string> ReadOnlyFields = FrozenSet.Create("id", "created_at", "updated_at", "staging", "uncommitted", "gateway_id", "account_id", "account_tag");

    private readonly Transport _transport;

    internal PolicyClient(Transport transport) => _transport = transport;

    /// <summary>Those in force, and drafts too where they are asked for.</summary>
    public IAsyncEnumerable<Policy> ListAsync(string gatewayId, bool includeDrafts, CancellationToken cancellationToken) =>
        _transport.ListWholeAsync(_transport.To(Endpoints.Policies.List, gatewayId).And("includeStaging", includeDrafts ? true : null), root => root.Member("result"), Policy.Read, cancellationToken);

    /// <summary>Null when there is no such policy.</summary>
    public Task<Policy?> FindAsync(string gatewayId, string id, CancellationToken cancellationToken) =>
        _transport.FindAsync(_transport.To(Endpoints.Policies.Find, gatewayId, id), Policy.Read, cancellationToken);

    /// <summary>A draft, unless `commit` puts it in force at once.</summary>
    public Task<Policy> CreateAsync(string gatewayId, NewPolicy policy, bool commit, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Policies.Create, gatewayId).And("commit", commit ? true : null).With(policy.ToJson()), result => Written(result, commit), cancellationToken);

    /// <summary>Changes what `changes` holds and nothing else. The fields of a policy that was read will do: members that only Cloudflare sets are not sent.</summary>
    public Task<Policy> UpdateAsync(string gatewayId, string id, JsonObject changes, bool commit, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Policies.Update, gatewayId, id).And("commit", commit ? true : null).With(changes, ReadOnlyFields), result => Written(result, commit), cancellationToken);

    /// <summary>False when it was not there.</summary>
    public Task<bool> DeleteAsync(string gatewayId, string id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(_transport.To(Endpoints.Policies.Delete, gatewayId, id), cancellationToken);

    /// <summary>Puts every draft of the gateway in force.</summary>
    public Task<PolicyCommit> CommitAsync(string gatewayId, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Policies.Commit, gatewayId), PolicyCommit.Read, cancellationToken);

    public Task<PolicyVerdict> SimulateAsync(string gatewayId, PolicyQuestion question, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Policies.Simulate, gatewayId).With(question.ToJson()), PolicyVerdict.Read, cancellationToken);

    // The answer to a write need not flag what lists flag.
    private static Policy Written(JsonElement result, bool commit)
    {
        var policy = Policy.Read(result);
        return commit ? policy : policy with { IsDraft = true };
    }
}
