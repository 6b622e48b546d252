using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Policies;

/// <summary>A request that nobody sends: what would the policies say to it? `BucketUsage` is what has been spent, in USD, by bucket.</summary>
public sealed record PolicyQuestion(string Model, string Provider)
{
    public string? UserId { get; init; }
    public string? UserEmail { get; init; }
    public IReadOnlyList<string> UserGroups { get; init; } = [];
    public JsonObject? Metadata { get; init; }
    public IReadOnlyDictionary<string, decimal> BucketUsage { get; init; } = new Dictionary<string, decimal>();

    internal JsonObject ToJson()
    {
        var user = new JsonObject();
        if (UserId is not null) user["id"] = UserId;
        if (UserEmail is not null) user["email"] = UserEmail;
        if (UserGroups.Count > 0) user["groups"] = new JsonArray([.. UserGroups.Select(group => (JsonNode)group)]);
        var identity = new JsonObject { ["cf"] = new JsonObject { ["user"] = user } };
        if (Metadata is not null) identity["metadata"] = Metadata.DeepClone();
        return new()
        {
            ["identity"] = identity,
            ["model"] = Model,
            ["provider"] = Provider,
            ["bucketUsage"] = new JsonObject(BucketUsage.Select(bucket => KeyValuePair.Create(bucket.Key, (JsonNode?)bucket.Value))),
        };
    }
}

/// <summary>
/// What they say. `Decision` is no-limit, block or check_limits; `Reason` (blocked or limit_exceeded), the bucket and its numbers are there for a refusal.
/// `Fields` is the whole answer as received.
/// </summary>
public sealed record PolicyVerdict(string? Decision, bool Allowed, JsonObject Fields)
{
    public string? Reason { get; init; }
    public string? PolicyName { get; init; }
    public string? Bucket { get; init; }
    public decimal? Spent { get; init; }
    public decimal? Limit { get; init; }

    internal static PolicyVerdict Read(JsonElement element)
    {
        var enforcement = element.Member("enforcement");
        return new(element.Member("evaluation").Text("decision"), enforcement.Flag("allowed") ?? throw new JsonException("`allowed` is missing"), element.Fields())
        {
            Reason = enforcement.Text("reason"),
            PolicyName = enforcement.Text("policyName"),
            Bucket = enforcement.Text("bucket"),
            Spent = enforcement.Decimal("spent"),
            Limit = enforcement.Decimal("limit"),
        };
    }
}

/// <summary>How many drafts came into force, and how many could not.</summary>
public sealed record PolicyCommit(long Committed, long Failed, IReadOnlyList<Policy> Policies)
{
    internal static PolicyCommit Read(JsonElement element) => new(Count(element, "committed"), Count(element, "failed"), [.. element.Items("policies").Select(Policy.Read)]);

    // A number, or a list of them: the documents do not say.
    private static long Count(JsonElement element, string name) => element.Whole(name) ?? element.Items(name).Count();
}
