using System.Text;
using GatewayOps.Rules;

namespace GatewayOps.Tests.Rules;

/// <summary>A compiled rule set in words, for golden files and for comparing two.</summary>
internal static class CompiledText
{
    public static string Of(CompiledRuleSet compiled)
    {
        var text = new StringBuilder();
        text.Append($"{compiled.Gateway} {compiled.Label}\n\nroutes\n");
        foreach (var entry in compiled.Routes.Entries)
            text.Append($"  {entry.Condition}\n{Of(entry.Route)}");
        text.Append($"  otherwise\n{Of(compiled.Routes.Default)}\nsettings\n");
        foreach (var (field, value) in compiled.Settings)
            text.Append($"  {field} = {value?.ToJsonString() ?? "null"}\n");
        foreach (var route in compiled.DynamicRoutes)
            text.Append($"\ndynamic/{route.Name} of {route.Source}\n").AppendJoin("", route.Elements.Select(element => $"  {element!.ToJsonString()}\n"));
        foreach (var policy in compiled.Policies)
            text.Append($"\npolicy {policy.Name}: {policy.Actor}, model {policy.Model ?? "*"}, provider {policy.Provider ?? "*"}, {policy.Condition ?? "always"}, {policy.Action.ToJsonString()}\n");
        foreach (var provider in compiled.CustomProviders)
            text.Append($"\n{provider}\n");
        if (compiled.Quota is { } quota)
            text.Append($"\nquota\n  {quota.Gateway}\n").AppendJoin("", quota.Providers.Select(provider => $"  {provider.Key} {provider.Value}\n"));
        text.Append("\nenforcements\n");
        foreach (var enforcement in compiled.Enforcements)
            text.Append($"  {enforcement.Source} {enforcement.Pointer}: {enforcement.Point}, {enforcement.Detail}\n");
        return text.ToString();
    }

    private static string Of(Route route) => string.Concat(
        $"    rule {route.Rule ?? "none"}\n",
        route.Cache is null ? "" : $"    cache {(route.Cache.IsOff ? "off" : $"{route.Cache.Ttl.TotalSeconds} s, key [{string.Join(", ", route.Cache.KeyFields)}], share {route.Cache.Share}")}\n",
        route.CollectLog is null ? "" : $"    collect_log {route.CollectLog}\n",
        route.RateLimit is null ? "" : $"    {route.RateLimit}\n",
        route.Queue is null ? "" : $"    {route.Queue}\n",
        route.Timeout is null ? "" : $"    timeout {route.Timeout.Value.TotalMilliseconds} ms\n",
        string.Concat(route.Upstreams.Select(upstream => $"    upstream {upstream.Provider} {upstream.Model ?? "-"} {upstream.Timeout?.TotalMilliseconds.ToString() ?? "-"} ms\n")),
        $"    fallback {route.FallbackEnabled}, {route.RetryCount} retries\n");
}
