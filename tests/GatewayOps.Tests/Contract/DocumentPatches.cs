using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Contract;

/// <summary>
/// Where the OpenAPI document says less than contract.md, or something else: contract.md wins. The copy of the document stays as it came, so
/// the differences stand here, each with the section that it is from.
/// </summary>
internal static class DocumentPatches
{
    private const string Schemas = "/components/schemas";

    /// <param name="Pointer">The member that is added or replaced (RFC 6901).</param>
    /// <param name="Value">JSON.</param>
    /// <param name="Reason">Begins with the section of contract.md.</param>
    internal sealed record Patch(string Pointer, string Value, string Reason);

    public static IReadOnlyList<Patch> All { get; } =
    [
        new($"{Schemas}/EnvelopeBase/properties/success/const", "true", "1.2: a failure is the other envelope"),
        new($"{Schemas}/EnvelopeBase/required", """["success","errors","messages"]""", "1.2: `errors` and `messages` may be missing on failure only"),
        new($"{Schemas}/ErrorEnvelope/properties/result", """{"type":["object","null"],"maxProperties":0}""", "1.3: null, {} or absent"),
        new($"{Schemas}/GatewayUpdate/additionalProperties", "true", "2.1: a PUT overwrites, so members that we do not know go back as they came"),
        new($"{Schemas}/GatewayUpdate/properties/is_default", """{"readOnly":true}""", "2.1: only in answers"),
        new($"{Schemas}/GatewayUpdate/properties/created_at", """{"readOnly":true}""", "2.1: only in answers"),
        new($"{Schemas}/GatewayUpdate/properties/modified_at", """{"readOnly":true}""", "2.1: only in answers"),
        new($"{Schemas}/Policy/allOf/1/required", """["id","action","created_at","updated_at"]""", "7: policy: id, …, action; created_at/updated_at unix seconds"),
        .. from member in new[] { "model", "provider" }
           select new Patch($"{Schemas}/PolicyWrite/properties/resource/oneOf/1/properties/{member}", """{"anyOf":[{"type":"string"},{"type":"array","minItems":1,"items":{"type":"string"}}]}""", "7: resource {model, provider} globs: one, or a list of them"),
        new($"{Answer("/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/policies/commit", "post")}/required", """["committed","failed","policies"]""", "7: commit → result {committed, failed, policies[]}"),
        new($"{Answer("/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/policies/simulate", "post")}/required", """["evaluation","enforcement","policiesEvaluated"]""", "7: simulate → {evaluation, enforcement, policiesEvaluated}"),
        new($"{Answer("/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/policies/simulate", "post")}/properties/evaluation/required", """["decision"]""", "7: evaluation{decision …}"),
        new($"{Answer("/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/policies/simulate", "post")}/properties/enforcement/required", """["allowed"]""", "7: enforcement{allowed …}"),
        new($"{Schemas}/Secret/properties/value", "false", "9: the value is never returned"),
        new($"{Schemas}/Token/required", """["id","name","status","policies","issued_on","modified_on"]""", "10: a create adds id, status, issued_on, modified_on"),
        new($"{Schemas}/PermissionGroup/required", """["id","name","scopes"]""", "10: permission group {id, name, scopes[], …}"),
        new("/paths/~1accounts~1{account_id}~1tokens~1{token_id}~1value/put/requestBody/required", "false", "10: the body is {}; npm cloudflare 7.3.0 leaves it out"),
        new("/paths/~1user~1tokens~1{token_id}~1value/put/requestBody/required", "false", "10: the body is {}; npm cloudflare 7.3.0 leaves it out"),
        .. from root in new[] { "/accounts/{account_id}", "/user" }
           from answer in new[] { $"{Answer($"{root}/tokens", "get")}/items", Answer($"{root}/tokens/{{token_id}}", "get"), Answer($"{root}/tokens/{{token_id}}", "put") }
           select new Patch(answer, """{"allOf":[{"$ref":"#/components/schemas/Token"},{"properties":{"value":false}}]}""", "10: the value is only in the answer of a create"),
    ];

    /// <summary>The document with every patch.</summary>
    public static JsonNode Applied(JsonNode document)
    {
        foreach (var patch in All)
        {
            var names = patch.Pointer.Split('/')[1..];
            var holder = names[..^1].Aggregate(document, (at, name) => Part(at, name) ?? throw new InvalidOperationException($"{patch.Pointer} leads nowhere"));
            holder[names[^1]] = JsonNode.Parse(patch.Value);
        }
        return document;
    }

    public static JsonNode? Part(JsonNode at, string name) => at is JsonArray items ? items[int.Parse(name)] : at[name.Replace("~1", "/", StringComparison.Ordinal)];

    // The `result` of an answer in the usual envelope.
    private static string Answer(string path, string method) =>
        $"/paths/{path.Replace("/", "~1", StringComparison.Ordinal)}/{method}/responses/200/content/application~1json/schema/allOf/1/properties/result";
}
