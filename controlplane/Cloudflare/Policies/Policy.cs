using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Policies;

/// <summary>
/// Who may use what, and how much of it: as soon as a gateway has one policy, what no policy allows is refused. `IsDraft`: not yet committed. `Fields` is the whole
/// object as received. A beta. Source: Cloudflare contract, section 7.
/// </summary>
public sealed record Policy(string Id, string Name, string? Actor, string? Condition, PolicyResource Resource, PolicyAction? Action, JsonObject Fields)
{
    public bool IsDraft { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? UpdatedAt { get; init; }

    internal static Policy Read(JsonElement element) => new(
        element.RequiredText("id"), element.Text("name") ?? "", element.Text("actor"), element.Text("condition"), PolicyResource.Read(element.Member("resource")), PolicyAction.Read(element.Member("action")), element.Fields())
    {
        IsDraft = element.Flag("staging") == true || element.Flag("uncommitted") == true,
        CreatedAt = element.Time("created_at"),
        UpdatedAt = element.Time("updated_at"),
    };
}

/// <summary>The models and providers that a policy is about: globs, in which `*` does not cross a slash. Both null: everything.</summary>
public sealed record PolicyResource(string? Model, string? Provider)
{
    public static readonly PolicyResource Everything = new(null, null);

    internal static PolicyResource Read(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? new(Glob(element, "model"), Glob(element, "provider")) : Everything;

    // Several globs, which the documents do not know, as the text of their array.
    private static string? Glob(JsonElement element, string name) => element.Member(name) is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } glob ? glob.ToString() : null;

    internal JsonNode ToJson()
    {
        if (this == Everything) return "*";
        var globs = new JsonObject();
        if (Model is not null) globs["model"] = Model;
        if (Provider is not null) globs["provider"] = Provider;
        return globs;
    }
}

/// <summary>A policy to create: `Actor` is whom it counts for, `Condition` CEL, as `identity.metadata.team == 'core'`.</summary>
public sealed record NewPolicy(string Name, string Actor, PolicyResource Resource, string? Condition, PolicyAction Action)
{
    internal JsonObject ToJson()
    {
        var fields = new JsonObject { ["name"] = Name, ["actor"] = Actor, ["resource"] = Resource.ToJson(), ["action"] = Action.ToJson() };
        if (Condition is not null) fields["condition"] = Condition;
        return fields;
    }
}
