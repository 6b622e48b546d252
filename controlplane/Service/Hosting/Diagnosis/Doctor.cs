using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Analytics;
using GatewayOps.Cloudflare.WorkersAi;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Hosting.Diagnosis;

/// <summary>
/// Examines what the product needs, one thing after the other, in the order in which one needs the other: the service, the network, Cloudflare's health, the
/// credentials, the token, each permission, the account, the gateway, whether it runs models, the model. What cannot be examined because something before it failed is said to be so.
/// Reads only: the permission to write is asked for by deleting what does not exist.
/// </summary>
public sealed class Doctor(DoctorSettings settings, HttpMessageHandler network, CloudflareClient? cloudflare, TimeProvider time)
{
    private const string TokenPage = "https://dash.cloudflare.com/profile/api-tokens", Permission = "permission ", RunsModels = "ai/run";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Somebody waits: with their retries, the calls of one check end within this.
    private readonly CloudflareClient? _cloudflare = cloudflare?.Within(TimeSpan.FromSeconds(10));

    private CloudflareExceptionOr<IReadOnlyList<string>>? _gateways;

    /// <summary>In a process that runs no service, with the settings that one would have there.</summary>
    public static async Task<IReadOnlyList<DoctorCheck>> CheckAsync(Surroundings surroundings, CancellationToken cancellationToken)
    {
        using var configuration = new ConfigurationManager();
        ServiceSettings.AddSources(configuration, [], surroundings);
        var settings = DoctorSettings.Of(configuration);
        using var handler = Handler();
        using var http = new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        // Without usable credentials there is no client, and what needs one is not checked.
        var isUsable = settings.FaultOf(nameof(settings.Account.AccountId)) is null && settings.FaultOf(nameof(settings.Account.ApiToken)) is null;
        var cloudflare = isUsable ? CloudflareAccount.Client(http, settings.Account, TimeProvider.System) : null;
        return await new Doctor(settings, handler, cloudflare, TimeProvider.System).CheckAsync(status: null, cancellationToken);
    }

    /// <param name="status">How the service itself is; null where there is none to ask.</param>
    /// <param name="cancellationToken">Ends the examination.</param>
    public async Task<IReadOnlyList<DoctorCheck>> CheckAsync(Func<CancellationToken, Task<DoctorCheck>>? status, CancellationToken cancellationToken)
    {
        var checks = new List<DoctorCheck>();
        if (status is not null)
        {
            checks.Add(await status(cancellationToken));
        }

        var (reached, serves) = await NetworkAsync(cancellationToken);
        checks.Add(reached);
        checks.Add(reached.Ok == true ? await ServesAsync(serves, cancellationToken) : DoctorCheck.NotChecked("cloudflare", "the network does not reach it"));
        checks.Add(Credential("account id", settings.AccountIdSource, nameof(settings.Account.AccountId)));
        checks.Add(Credential("api token", settings.ApiTokenSource, nameof(settings.Account.ApiToken)));

        var why = checks.Find(check => check.Ok == false && check.Name is "network" or "account id" or "api token") is { } before ? $"{before.Name} fails" : _cloudflare is null ? "the credentials cannot be used" : null;
        checks.Add(why is null ? await TokenAsync(cancellationToken) : DoctorCheck.NotChecked("token", why));
        why ??= checks[^1].Ok == false ? "Cloudflare does not take the token" : null;
        foreach (var (name, need, ask) in Permissions())
        {
            checks.Add(why is null ? await PermissionAsync(name, need, ask, cancellationToken) : DoctorCheck.NotChecked($"{Permission}{name}", why));
        }

        var run = why is null ? await RunAsync(cancellationToken) : DoctorCheck.NotChecked(RunsModels, why);
        bool?[] answers = [.. checks.Where(check => check.Name.StartsWith(Permission, StringComparison.Ordinal)).Append(run).Select(check => check.Ok)];
        var account = Account(why, isTaken: answers.Contains(true) ? true : answers.Contains(null) ? null : false);
        checks.Add(account);
        checks.Add(Gateway(why));
        // Of an account that is not the token's, nothing is said twice.
        checks.Add(account.Ok == false ? DoctorCheck.NotChecked(RunsModels, "account fails") : run);
        if (settings.Model is { } model)
        {
            checks.Add(Model(model));
        }

        return checks;
    }

    internal static SocketsHttpHandler Handler() => new() { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(1), AutomaticDecompression = DecompressionMethods.All };

    /// <summary>What a status page says, in its own words. Pure.</summary>
    public static DoctorCheck StatusOf(string json)
    {
        try
        {
            using var page = JsonDocument.Parse(json);
            var status = page.RootElement.GetProperty("status");
            var (indicator, said) = (status.GetProperty("indicator").GetString(), status.GetProperty("description").GetString());
            return indicator is "none" or "minor"
                ? DoctorCheck.Passed("cloudflare", $"{said}")
                : DoctorCheck.Failed("cloudflare", $"Cloudflare says: {said}", "wait; https://www.cloudflarestatus.com has the details");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return DoctorCheck.NotChecked("cloudflare", "the status page has another form than this version knows");
        }
    }

    private async Task<(DoctorCheck Check, int? Status)> NetworkAsync(CancellationToken cancellationToken)
    {
        var (url, started) = (settings.Account.BaseUrl, time.GetTimestamp());
        try
        {
            using var answer = await AskAsync(url, cancellationToken);
            return (DoctorCheck.Passed("network", $"{url.Authority} answers after {time.GetElapsedTime(started).TotalMilliseconds:0} ms"), (int)answer.StatusCode);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            var what = exception is HttpRequestException failed ? $"{StageOf(failed.HttpRequestError)}{(failed.InnerException ?? failed).Message}" : $"no answer within {Patience.TotalSeconds:0} s";
            return (DoctorCheck.Failed("network", $"{url.Authority} cannot be reached: {what}", $"see what `curl -sv {url}` says, and check name resolution, firewall and proxy{(settings.StatusPage is null ? ", or CLOUDFLARE_BASE_URL" : "")}"), null);
        }
    }

    /// <summary>How far a request came: to the name, to a connection, to trust in the other side. Pure.</summary>
    public static string StageOf(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => "the name is not known (DNS): ",
        HttpRequestError.ConnectionError => "no connection (TCP): ",
        HttpRequestError.SecureConnectionError => "the other side is not trusted (TLS): ",
        _ => "",
    };

    private async Task<DoctorCheck> ServesAsync(int? status, CancellationToken cancellationToken)
    {
        if (status >= 500)
        {
            return DoctorCheck.Failed("cloudflare", $"the management API answers {status}", "wait; https://www.cloudflarestatus.com says what Cloudflare knows");
        }

        if (settings.StatusPage is not { } page)
        {
            return DoctorCheck.Passed("cloudflare", "the management API serves; it is not Cloudflare's own, so there is no status page");
        }

        try
        {
            using var answer = await AskAsync(page, cancellationToken);
            return StatusOf(await answer.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return DoctorCheck.NotChecked("cloudflare", $"{page.Host} does not answer; the management API does");
        }
    }

    // No redirect is followed, and of a body no more is read than a status page has.
    private async Task<HttpResponseMessage> AskAsync(Uri url, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(network, disposeHandler: false) { Timeout = Patience, MaxResponseContentBufferSize = 256 * 1024 };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("gatewayops-doctor");
        return await http.GetAsync(url, cancellationToken);
    }

    private DoctorCheck Credential(string name, string? source, string member) => settings.FaultOf(member) is { } fault
        ? DoctorCheck.Failed(name, source is null ? "not set" : $"set by {source}, and not usable", fault)
        : DoctorCheck.Passed(name, $"set by {source ?? "the host"}");

    private async Task<DoctorCheck> TokenAsync(CancellationToken cancellationToken)
    {
        try
        {
            var token = await _cloudflare!.Tokens.VerifyAsync(cancellationToken);
            return token.Status == "active"
                ? DoctorCheck.Passed("token", token.ExpiresOn is { } expires ? $"active until {expires:u}" : "active")
                : DoctorCheck.Failed("token", $"the token is {token.Status}", $"make another one with AI Gateway: Edit at {TokenPage}, and set CLOUDFLARE_API_TOKEN");
        }
        catch (CloudflareException exception)
        {
            return exception.IsTransient ? DoctorCheck.NotChecked("token", exception.Message)
                : DoctorCheck.Failed("token", $"Cloudflare does not know this token: it was revoked, or copied wrongly, or is owned by another account than {settings.Account.AccountId}", $"make one with AI Gateway: Edit at {TokenPage}, and set CLOUDFLARE_API_TOKEN");
        }
    }

    // What needs a permission, and a call that is refused without it and changes nothing.
    private IEnumerable<(string Name, string Need, Func<CloudflareClient, CancellationToken, Task> Ask)> Permissions()
    {
        // An id that no object has: to delete it is allowed or not, and has no effect.
        var nothing = Guid.NewGuid().ToString("N");
        return
        [
            ("AI Gateway Read", "AI Gateway: Read", GatewaysAsync),
            ("AI Gateway Write", "AI Gateway: Edit", (client, token) => client.Routes.DeleteAsync(settings.Account.GatewayId, nothing, token)),
            ("Secrets Store Read", "Secrets Store: Read (for stored keys)", async (client, token) => _ = await client.Secrets.ListStoresAsync(token).FirstOrDefaultAsync(token)),
            ("Secrets Store Write", "Secrets Store: Edit (for stored keys)", (client, token) => client.Secrets.DeleteAsync(nothing, nothing, token)),
            ("Account Analytics Read", "Account Analytics: Read (for analytics)", (client, token) => client.Analytics.SettingsAsync(AnalyticsDatasets.Requests, token)),
        ];
    }

    // A model that there is not is not run, and costs nothing: what is refused is who asks, or the name.
    private async Task<DoctorCheck> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _cloudflare!.WorkersAi.RunAsync("@cf/gatewayops/no-such-model", new JsonObject { ["prompt"] = "" }, RunOptions.Direct, cancellationToken);
            return Open();
        }
        catch (CloudflareException exception)
        {
            return exception.Kind switch
            {
                CloudflareErrorKind.Permission or CloudflareErrorKind.Authentication =>
                    DoctorCheck.Failed(RunsModels, $"the token may run no model on account {settings.Account.AccountId}", $"add Workers AI: Read (to run its models) to the token at {TokenPage}"),
                CloudflareErrorKind.NotFound or CloudflareErrorKind.Validation => Open(),
                _ => DoctorCheck.NotChecked(RunsModels, exception.Message),
            };
        }

        static DoctorCheck Open() => DoctorCheck.Passed(RunsModels, "takes the token; no model was run");
    }

    private async Task GatewaysAsync(CloudflareClient client, CancellationToken cancellationToken)
    {
        try
        {
            _gateways = new(await client.Gateways.ListAsync(cancellationToken).Select(gateway => gateway.Id).ToListAsync(cancellationToken), Failure: null);
        }
        catch (CloudflareException exception)
        {
            _gateways = new([], exception);
            throw;
        }
    }

    private async Task<DoctorCheck> PermissionAsync(string name, string need, Func<CloudflareClient, CancellationToken, Task> ask, CancellationToken cancellationToken)
    {
        var line = $"{Permission}{name}";
        try
        {
            await ask(_cloudflare!, cancellationToken);
            return DoctorCheck.Passed(line, "granted");
        }
        catch (CloudflareException exception)
        {
            return exception.Kind switch
            {
                CloudflareErrorKind.Permission or CloudflareErrorKind.Authentication =>
                    DoctorCheck.Failed(line, $"the token lacks it on account {settings.Account.AccountId}", $"add {need} to the token at {TokenPage}"),
                // The call was understood and refused for what it asked, so it was allowed.
                CloudflareErrorKind.NotFound or CloudflareErrorKind.Validation => DoctorCheck.Passed(line, "granted"),
                _ => DoctorCheck.NotChecked(line, exception.Message),
            };
        }
    }

    // Taken: something is granted there. Not taken: all is refused.
    private DoctorCheck Account(string? why, bool? isTaken) => (why, _gateways) switch
    {
        ({ } before, _) => DoctorCheck.NotChecked("account", before),
        (_, { Failure: null, Value.Count: var count }) => DoctorCheck.Passed("account", $"{settings.Account.AccountId} has {count} gateways"),
        (_, { Failure.Kind: CloudflareErrorKind.Validation or CloudflareErrorKind.NotFound }) =>
            DoctorCheck.Failed("account", $"Cloudflare knows no account {settings.Account.AccountId}", "copy the account id from the account's overview page, and set CLOUDFLARE_ACCOUNT_ID"),
        _ when isTaken == true => DoctorCheck.Passed("account", $"{settings.Account.AccountId} takes the token; its gateways cannot be read"),
        _ when isTaken == false =>
            DoctorCheck.Failed("account", $"the token may do nothing of this on account {settings.Account.AccountId}: it is another account's, or has none of the permissions", $"set CLOUDFLARE_ACCOUNT_ID to the account that the token at {TokenPage} names, or make a token of this one"),
        _ => DoctorCheck.NotChecked("account", "its gateways cannot be read"),
    };

    private DoctorCheck Gateway(string? why)
    {
        var id = settings.Account.GatewayId;
        if (why is not null || _gateways is not { Failure: null, Value: var known })
        {
            return DoctorCheck.NotChecked("gateway", why ?? "the account's gateways cannot be read");
        }

        return known.Contains(id) ? DoctorCheck.Passed("gateway", $"{id} is there")
            : DoctorCheck.Failed("gateway", $"the account has no gateway {id}{(known.Count == 0 ? "" : $"; it has {string.Join(", ", known.Take(5))}{(known.Count > 5 ? ", …" : "")}")}",
                $"gatewayops gateway create {id}, or set CLOUDFLARE_GATEWAY_ID to one that is there");
    }

    // What names no provider goes to Workers AI, whose models all begin with @.
    private static DoctorCheck Model(string model) => ModelRouting.Resolve(model, providerOverride: null) is { } found && (found.Provider != "workers-ai" || found.Model.StartsWith('@'))
        ? DoctorCheck.Passed("model", $"{model} goes to {found.Provider} as {found.Model}")
        : DoctorCheck.Failed("model", $"{model} is no model of a known provider", "set CLOUDFLARE_MODEL to the full form, as @cf/meta/llama-3.1-8b-instruct or openai/gpt-4o-mini; https://developers.cloudflare.com/workers-ai/models/ lists those of Workers AI");

    private sealed record CloudflareExceptionOr<T>(T Value, CloudflareException? Failure);
}
