using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.Policies;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Policies;

/// <summary>Policies of a gateway (contract 7).</summary>
public static class PolicyEndpoints
{
    public static void MapPolicies(this IEndpointRouteBuilder account)
    {
        var policies = account.MapGroup("/ai-gateway/gateways/{gatewayId}/policies").Requires(Permission.AiGatewayRead, Permission.AiGatewayWrite).WithTags("Policies");
        policies.MapGet("", List).WithSummary("Policies of a gateway").Asks(AskedParameter.Flag("includeStaging"));
        policies.MapPost("", CreateAsync).WithSummary("Create a policy, or a draft of one").Asks(AskedParameter.Flag("commit")).Takes(PolicyShape.Part);
        policies.MapGet("/{policyId}", Get).WithSummary("One policy").Asks(AskedParameter.Flag("includeStaging"));
        policies.MapPut("/{policyId}", UpdateAsync).WithSummary("Change members of a policy").Asks(AskedParameter.Flag("commit")).Takes(PolicyShape.Part);
        policies.MapDelete("/{policyId}", Delete).WithSummary("Delete a policy");
        policies.MapPost("/commit", Commit).WithSummary("Make every draft a policy");
        policies.MapPost("/simulate", SimulateAsync).WithSummary("What the policies would say to a request").Takes(PolicyShape.Simulation);
    }

    private static IResult List(HttpContext context, string gatewayId)
    {
        if (Find(context, gatewayId) is not { } policies)
            return Envelope.NotFound();
        var (staging, refusal) = Flag(context.Request, "includeStaging");
        if (refusal is not null)
            return refusal;
        JsonNode[] committed = [.. policies.Committed.Select(PolicyJson.Of)];
        JsonNode[] drafts = staging ? [.. policies.Drafts.Select(draft => PolicyJson.Draft(draft, "staging"))] : [];
        return Envelope.Result(new JsonArray([.. committed, .. drafts]));
    }

    private static async Task<IResult> CreateAsync(HttpContext context, string gatewayId, CancellationToken cancellationToken)
    {
        if (Find(context, gatewayId) is not { } policies)
            return Envelope.NotFound();
        var (commit, refusal) = Flag(context.Request, "commit");
        if (refusal is not null)
            return refusal;
        if (await ReadAsync(context.Request, cancellationToken) is not { } body)
            return Unreadable;
        var whole = PolicyShape.Merged(current: null, body);
        if (PolicyShape.Whole.ErrorsOf(whole) is { Count: > 0 } errors)
            return Envelope.Invalid(errors);
        return policies.Add(whole, commit) is { } policy
            ? Envelope.Result(PolicyJson.Of(policy), more: Committed(commit))
            : Envelope.Invalid(ApiError.Invalid(FieldPath.Body, $"Maximum number of policies ({PolicyStore.Most}) reached"));
    }

    private static IResult Get(HttpContext context, string gatewayId, string policyId)
    {
        var (staging, refusal) = Flag(context.Request, "includeStaging");
        if (refusal is not null)
            return refusal;
        var policies = Find(context, gatewayId);
        if (staging && policies?.FindDraft(policyId) is { } draft)
            return Envelope.Result(PolicyJson.Draft(draft, "uncommitted"));
        return policies?.Find(policyId) is { } policy ? Envelope.Result(PolicyJson.Of(policy)) : Envelope.NotFound();
    }

    private static async Task<IResult> UpdateAsync(HttpContext context, string gatewayId, string policyId, CancellationToken cancellationToken)
    {
        if (Find(context, gatewayId) is not { } policies)
            return Envelope.NotFound();
        var (commit, refusal) = Flag(context.Request, "commit");
        if (refusal is not null)
            return refusal;
        if (await ReadAsync(context.Request, cancellationToken) is not { } body)
            return Unreadable;
        if (PolicyShape.Part.ErrorsOf(body) is { Count: > 0 } errors)
            return Envelope.Invalid(errors);

        IReadOnlyList<ApiError> wrong = [];
        var (outcome, policy) = policies.Change(policyId, current =>
        {
            var next = PolicyShape.Merged(current, body);
            wrong = PolicyShape.Whole.ErrorsOf(next);
            return wrong.Count > 0 ? null : next;
        }, commit);
        return outcome switch
        {
            PolicyChange.NotFound => Envelope.NotFound(),
            PolicyChange.NotCommitted => Envelope.Invalid(new ApiError(7001, "Only a committed policy can be updated: commit this draft first")),
            _ when wrong.Count > 0 => Envelope.Invalid(wrong),
            _ => Envelope.Result(PolicyJson.Of(policy!), more: Committed(commit)),
        };
    }

    private static IResult Delete(HttpContext context, string gatewayId, string policyId) =>
        Find(context, gatewayId)?.Remove(policyId) is { } policy ? Envelope.Result(PolicyJson.Of(policy)) : Envelope.NotFound();

    /// <summary>Drafts were checked when they were written and nothing that they depend on can change: none fails here.</summary>
    private static IResult Commit(HttpContext context, string gatewayId)
    {
        if (Find(context, gatewayId) is not { } policies)
            return Envelope.NotFound();
        var committed = policies.Commit();
        return Envelope.Result(new JsonObject
        {
            ["committed"] = committed.Count,
            ["failed"] = 0,
            ["policies"] = new JsonArray([.. committed.Select(PolicyJson.Of)]),
        });
    }

    private static async Task<IResult> SimulateAsync(HttpContext context, string gatewayId, CancellationToken cancellationToken)
    {
        if (Find(context, gatewayId) is not { } policies)
            return Envelope.NotFound();
        if (await ReadAsync(context.Request, cancellationToken) is not { } body)
            return Unreadable;
        if (PolicyShape.Simulation.ErrorsOf(body) is { Count: > 0 } errors)
            return Envelope.Invalid(errors);
        var simulation = PolicySimulation.Read(body);
        var considered = policies.WithDrafts;
        var evaluation = PolicyEvaluation.Of(considered, simulation.Subject);
        return Envelope.Result(PolicyJson.Simulated(evaluation, PolicyEnforcement.Of(evaluation, simulation.Spent), considered.Count));
    }

    private static PolicyStore? Find(HttpContext context, string gatewayId) => context.Account().FindGateway(gatewayId)?.Policies;

    private static async Task<JsonElement?> ReadAsync(HttpRequest request, CancellationToken cancellationToken) =>
        await JsonText.ReadAsync(request, cancellationToken) is { ValueKind: JsonValueKind.Object } body ? body : null;

    private static IResult Unreadable => Envelope.Invalid(ApiError.Invalid(FieldPath.Body, "Input Validation Error"));

    private static JsonObject Committed(bool commit) => new() { ["committed"] = commit };

    private static (bool Value, IResult? Refusal) Flag(HttpRequest request, string name)
    {
        if (!request.Query.TryGetValue(name, out var text))
            return (false, null);
        return bool.TryParse(text, out var flag) ? (flag, null) : (false, Envelope.Invalid(ApiError.Invalid(FieldPath.Query[name], "Expected boolean, received string")));
    }
}
