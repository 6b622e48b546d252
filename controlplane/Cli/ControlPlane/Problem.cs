using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Cli.ControlPlane;

/// <summary>Turns a problem document (RFC 9457) into an error of the command line, with each fault and its pointer on a line of its own.</summary>
public static class Problem
{
    public static CliException Read(HttpStatusCode status, string body, string path, ServiceAddress address)
    {
        JsonNode? problem = null;
        try
        {
            problem = JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            // Not ours: the status line is all there is to say.
        }

        var text = new StringBuilder();
        text.Append(Member(problem, "detail") ?? Member(problem, "title") ?? $"{path}: HTTP {(int)status} from {address.Url}");
        foreach (var error in (problem as JsonObject)?["errors"] as JsonArray ?? [])
        {
            text.Append('\n').Append("  ").Append(Member(error, "pointer") is { Length: > 0 } pointer ? pointer : "(document)").Append(": ").Append(Member(error, "message"));
        }

        return new CliException(text.ToString(), Next(status, Member(problem, "type")));
    }

    private static string? Next(HttpStatusCode status, string? type) => status switch
    {
        HttpStatusCode.Unauthorized => $"set {ServiceAddress.TokenVariable} to an operator token (`gatewayops dev` prints one)",
        HttpStatusCode.Forbidden => "use an operator token with a wider scope (read < apply < admin)",
        HttpStatusCode.Conflict when type?.EndsWith(":plan_changed", StringComparison.Ordinal) == true => "plan again, then execute with the new hash",
        HttpStatusCode.PreconditionFailed => "somebody else changed it meanwhile: look again, then repeat",
        _ => null,
    };

    private static string? Member(JsonNode? node, string name) =>
        node is JsonObject members && members[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
