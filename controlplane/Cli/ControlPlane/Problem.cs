using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GatewayOps.Cli.ControlPlane;

/// <summary>Turns a problem document (RFC 9457), or an error in OpenAI's shape, into an error of the command line, with each fault and its pointer on a line of its own, and the command to go on with.</summary>
public static partial class Problem
{
    private const string TypePrefix = "urn:gatewayops:problem:";

    // By the stable code of the problem, where its detail names no command that would help. {scope} is filled from the answer.
    private static readonly Dictionary<string, string> NextByCode = new()
    {
        ["unauthorized"] = $"set {ServiceAddress.TokenVariable} to an operator token (`gatewayops dev` prints one; an admin makes one: gatewayops token create --name NAME --scope read)",
        ["insufficient_scope"] = $"set {ServiceAddress.TokenVariable} to a token with the scope {{scope}} (read < apply < admin); an admin makes one: gatewayops token create --name NAME --scope {{scope}}",
        ["gateway_not_found"] = "Run start first: gatewayops start (or gatewayops gateway create ID)",
        ["gateway_busy"] = "gatewayops runs shows what is under way: repeat when it has ended",
        ["gateway_taken_over"] = "gatewayops runs shows what is under way: repeat when it has ended",
        ["gateway_limit_reached"] = "gatewayops gateway list: delete one in Cloudflare that is not needed, or ask Cloudflare for more",
        ["mass_delete_refused"] = "look at the plan again; if that is meant, repeat with --allow-mass-delete",
        ["rule_set_conflict"] = "give one of the rule sets a larger `priority`, or take the thing out of one of them",
        ["secret_owned_elsewhere"] = "change it where it is made, or put the key under another --alias",
        ["stack_conflict"] = "gatewayops stack list shows what is adopted; correct the stack, then adopt it again",
        ["stack_unreadable"] = "adopt the stack again: pulumi stack output --json | gatewayops stack adopt --file -",
        ["last_admin_token"] = "gatewayops token create --name NAME --scope admin, then repeat",
        ["cloudflare_refused"] = $"make a token with AI Gateway: Edit (stored keys need Secrets Store: Edit too) at {Links.Tokens}, give it to the service, then: gatewayops doctor",
        ["cloudflare_unavailable"] = "gatewayops doctor says where it ends; repeat when that is well",
        ["idempotency_key_in_flight"] = "wait for it: gatewayops runs",
    };

    public static CliException Read(HttpResponseMessage response, string body, string path, ServiceAddress address)
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
        text.Append(Member(problem, "detail") ?? Member(problem, "title") ?? Member(OpenAi(problem), "message") ?? $"{path}: HTTP {(int)response.StatusCode} from {address.Url}");
        foreach (var error in (problem as JsonObject)?["errors"] as JsonArray ?? [])
        {
            text.Append('\n').Append("  ").Append(Member(error, "pointer") is { Length: > 0 } pointer ? pointer : "(document)").Append(": ").Append(Member(error, "message"));
        }

        return response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
            ? new ServiceNotReadyException(text.ToString(), Next(response, problem))
            : new CliException(text.ToString(), Next(response, problem));
    }

    private static string Next(HttpResponseMessage response, JsonNode? problem)
    {
        var type = Member(problem, "type");
        var code = type?.StartsWith(TypePrefix, StringComparison.Ordinal) == true ? type[TypePrefix.Length..] : null;
        if (code is not null && NextByCode.TryGetValue(code, out var next))
        {
            return next.Replace("{scope}", ScopeOf(response.Headers.WwwAuthenticate) ?? "apply");
        }

        if (OpenAi(problem) is not null && response.StatusCode == HttpStatusCode.Unauthorized)
        {
            return $"set {ServiceAddress.ProxyTokenVariable} to the proxy's token or to a virtual key (gatewayops token create --name NAME --key)";
        }

        // The service knows names that this side does not: what it says to type is the best next command.
        if (CommandOfDetail().Match(Member(problem, "detail") ?? "") is { Success: true } command)
        {
            return command.Groups["command"].Value;
        }

        return response.StatusCode switch
        {
            HttpStatusCode.NotFound when code is null or "not_found" => $"gatewayops status shows the service's version: it may be older than this command; or {ServiceAddress.UrlVariable} names another service",
            HttpStatusCode.PreconditionFailed => "somebody else changed it meanwhile: look again, then repeat",
            HttpStatusCode.TooManyRequests => $"wait {response.Headers.RetryAfter?.ToString() ?? "a few"} seconds, then repeat",
            HttpStatusCode.ServiceUnavailable => $"{response.RequestMessage?.RequestUri?.GetLeftPart(UriPartial.Authority)}/readyz says what is missing: repeat when it answers 200",
            >= HttpStatusCode.InternalServerError when code is null => "read the service's log; gatewayops doctor checks what it needs",
            _ => "put that right, then repeat; gatewayops doctor checks what the service needs",
        };
    }

    // RFC 6750, section 3: the scope that would have been enough.
    private static string? ScopeOf(HttpHeaderValueCollection<AuthenticationHeaderValue> challenges) => challenges
        .SelectMany(challenge => (challenge.Parameter ?? "").Split(','))
        .Select(parameter => parameter.Trim())
        .Where(parameter => parameter.StartsWith("scope=", StringComparison.Ordinal))
        .Select(parameter => parameter["scope=".Length..].Trim('"'))
        .FirstOrDefault();

    // What the proxy's own addresses answer with.
    private static JsonNode? OpenAi(JsonNode? problem) => problem is JsonObject members && members["error"] is JsonObject error ? error : null;

    private static string? Member(JsonNode? node, string name) =>
        node is JsonObject members && members[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    [GeneratedRegex("`(?<command>gatewayops [^`]+)`")]
    private static partial Regex CommandOfDetail();
}
