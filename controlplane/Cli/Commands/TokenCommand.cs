using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>Operator tokens and virtual keys. The token itself is shown once, by what makes it.</summary>
public static class TokenCommand
{
    private static readonly Table Tokens = new(
        "tokens",
        "id",
        "No tokens were made here. Make one: gatewayops token create --name NAME --scope read, or with --key for a caller of the proxy",
        Column.Of("id", "id"),
        Column.Of("name", "name"),
        Column.Of("kind", "kind"),
        Column.Of("scope", "scope"),
        Column.Of("state", "state"),
        Column.Time("created", "createdAt"),
        Column.Of("by", "createdBy"),
        Column.Time("expires", "expiresAt"),
        Column.Time("rotated", "rotatedAt"),
        Column.Time("old value until", "previousUntil"));

    private static readonly Table Made = new(
        "",
        "id",
        "",
        Column.Of("id", "id"),
        Column.Of("name", "name"),
        Column.Of("scope", "scope"),
        Column.Time("expires", "expiresAt"),
        Column.Time("old value until", "previousUntil"),
        Column.Of("token", "token"));

    public static Command Build(Shell shell) => new("token", "Operator tokens, and virtual keys for callers of the proxy: create, list, revoke, rotate.") { Create(shell), List(shell), Revoke(shell), Rotate(shell) };

    private static Command Create(Shell shell)
    {
        var name = new Option<string>("--name", "-n") { Description = "Who uses it; audit rows, records and rules (match.key) carry this name.", Required = true };
        var scope = new Option<string?>("--scope") { Description = "Of an operator token: read (see everything), apply (change rule sets and gateways) or admin (keys and tokens too); default: read." };
        scope.AcceptOnlyFromAmong("read", "apply", "admin");
        var expires = Expires("it does not expire");
        var terms = new KeyTerms();
        var verb = new Command("create", "Make an operator token, or with --key a virtual key for a caller of the proxy. It is shown once and cannot be read back.") { name, scope, expires };
        terms.AddTo(verb);
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var body = new JsonObject { ["name"] = call.Value(name) };
            if (terms.Read(call) is { } key)
            {
                body["key"] = call.Optional(scope) is null ? key : throw new CliException("--scope is for operator tokens, --key makes a virtual key: both cannot be given.", "leave one of them out");
            }
            else
            {
                body["scope"] = call.Optional(scope) ?? "read";
            }

            if (call.Optional(expires) is { } span)
            {
                body["expiresIn"] = Input.Seconds(span, "--expires-in");
            }

            return Print(call, await call.Api.PostAsync("/api/v1/tokens", body, cancellationToken));
        });
        return verb;
    }

    private static Command List(Shell shell)
    {
        var key = new Option<bool>("--key") { Description = "Virtual keys alone; their limits are in -o json." };
        var verb = new Command("list", "The operator tokens and virtual keys that were made here. Those of the service's settings are not among them.") { key };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            call.Writer.Write(await Pages.AllAsync(call.Api, call.Value(key) ? "/api/v1/tokens?kind=key" : "/api/v1/tokens", "tokens", cancellationToken), Tokens);
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command Revoke(Shell shell)
    {
        var id = Id();
        var verb = new Command("revoke", "End a token: this replica refuses it at once, every other one within 5 seconds.") { id };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            await call.Api.DeleteAsync(Of(call.Value(id)), ifMatch: null, cancellationToken);
            call.Writer.Message($"revoked {call.Value(id)}");
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command Rotate(Shell shell)
    {
        var id = Id();
        var grace = new Option<string?>("--grace") { Description = "How long the old value still opens, as 15m; 0s ends it at once; default: 1h." };
        var expires = Expires("as long as it was made for");
        var verb = new Command("rotate", "Give a token a new value, which is shown once.") { id, grace, expires };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var body = new JsonObject();
            if (call.Optional(grace) is { } span)
            {
                body["grace"] = Input.Seconds(span, "--grace");
            }

            if (call.Optional(expires) is { } life)
            {
                body["expiresIn"] = Input.Seconds(life, "--expires-in");
            }

            return Print(call, await call.Api.PostAsync($"{Of(call.Value(id))}/rotate", body, cancellationToken));
        });
        return verb;
    }

    private static int Print(Call call, JsonNode token)
    {
        call.Writer.Write(token, Made);
        call.Writer.Message("keep the token now: it is not shown again");
        return ExitCodes.Ok;
    }

    private static Option<string?> Expires(string otherwise) => new("--expires-in") { Description = $"How long it opens, as 12h or 90d; default: {otherwise}." };

    private static Argument<string> Id() => new("id") { Description = "Id of the token, as `token list` shows it." };

    private static string Of(string id) => $"/api/v1/tokens/{ControlPlaneApi.Segment(id)}";
}
