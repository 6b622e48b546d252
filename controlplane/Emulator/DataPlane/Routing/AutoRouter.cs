using System.Collections.Concurrent;
using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using GatewayOps.Emulator.DataPlane.Credentials;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane.Routing;

/// <summary>
/// `cloudflare/auto` (contract 11, 12): chooses among the models that the gateway has credentials for, tries the best first and the next one when it fails,
/// and says so in `cf-aig-routed-model`, `cf-aig-routing-reason` and `cf-aig-routing-decision-id`. The real service classifies the conversation; here
/// short requests go to the cheapest model and long ones to the dearest. Requests of one session stay with the model that served it.
/// </summary>
public sealed class AutoRouter(GatewayPipeline pipeline, EmulatorOptions options)
{
    public const string Model = "cloudflare/auto";

    /// <summary>Bytes of the body beyond which a request counts as difficult.</summary>
    public const int LongRequest = 4096;

    /// <summary>Sessions of a gateway that are remembered; beyond them all begin anew.</summary>
    public const int MostSessions = 10_000;

    private static readonly string[] Pool =
    [
        "openai/gpt-5-mini", "openai/gpt-5", "anthropic/claude-haiku-4-5", "anthropic/claude-sonnet-4-5", "google-ai-studio/gemini-2.5-flash", "google-ai-studio/gemini-2.5-pro",
    ];

    private readonly ConditionalWeakTable<GatewayState, ConcurrentDictionary<string, string>> _sessions = [];

    public async Task<CallAnswer> RunAsync(Arrival arrival, CallWish wish, CancellationToken gone)
    {
        var sessions = _sessions.GetOrCreateValue(arrival.Gateway);
        var session = wish.Directives is { NoSessionAffinity: not true, SessionId: { } id } ? id : null;
        var ranked = Ranked(arrival, wish, session is null ? null : sessions.GetValueOrDefault(session));
        if (ranked.Count == 0)
            return CallAnswer.Refused(GatewayError.EmptyPool, wish.Step);

        var decision = Identifier.NewUuid();
        for (var index = 0; ; index++)
        {
            var (name, call) = ranked[index];
            var answer = await pipeline.RunAsync(call, gone);
            if (!answer.IsSuccess && index < ranked.Count - 1)
            {
                await answer.DisposeAsync();
                continue;
            }
            if (answer.IsSuccess && session is not null)
                Remember(sessions, session, name);
            return answer.With(
            [
                new("cf-aig-routed-model", name),
                new("cf-aig-routing-reason", ranked.Count == 1 ? "forced_by_candidate_pool" : "cost_optimal_within_pool"),
                new("cf-aig-routing-decision-id", decision),
            ]);
        }
    }

    private List<(string Name, ProviderCall Call)> Ranked(Arrival arrival, CallWish wish, string? served)
    {
        var pool = new List<(string Name, ProviderCall Call)>();
        foreach (var name in Candidates(wish.Directives.AllowedModels, wish.Directives.AllowedProviders))
        {
            if (name.Split('/', 2) is not [var slug, var model] || ProviderResolver.Find(arrival.Caller.Account, slug) is not { } provider)
                continue;
            var call = ProviderCall.Of(arrival, CallTarget.Chat(provider, model, wish), wish);
            if (Credential.Choose(call, options.Assumptions).Credential is not null)
                pool.Add((name, call));
        }
        var cheapestFirst = pool.OrderBy(one => Cost.PerMillion(one.Call.Model)).ToList();
        if (wish.Body.Bytes.Length > LongRequest)
            cheapestFirst.Reverse();
        return [.. cheapestFirst.OrderBy(one => one.Name == served ? 0 : 1)];
    }

    /// <summary>Patterns choose from the pool; a name without a star is in it because it is named.</summary>
    private static IEnumerable<string> Candidates(IReadOnlyList<string>? models, IReadOnlyList<string>? providers)
    {
        var named = models?.Where(model => !model.Contains('*')) ?? [];
        return Pool.Union(named, StringComparer.Ordinal)
            .Where(name => models is null || models.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false)))
            .Where(name => providers is null || providers.Contains(name.Split('/')[0]));
    }

    private static void Remember(ConcurrentDictionary<string, string> sessions, string session, string name)
    {
        if (sessions.Count >= MostSessions)
            sessions.Clear();
        sessions[session] = name;
    }
}
