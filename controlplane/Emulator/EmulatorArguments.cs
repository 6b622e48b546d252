using System.Globalization;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator;

/// <summary>The command line of `gatewayops emulator`: options, or one line that says what is wrong and what is accepted.</summary>
public sealed record EmulatorArguments(EmulatorOptions? Options, string? Error)
{
    private const string Usage = "Options: --port N · --upstream provider=url (repeatable) · --log-delay seconds · --secret-delay seconds · --faithful · --seed-gateway";

    /// <summary>`--name value` and `--name=value` mean the same. The token is not an argument: argv is public.</summary>
    public static EmulatorArguments Parse(string[] args)
    {
        var options = new EmulatorOptions();
        var upstreams = new Dictionary<string, Uri>();
        var rest = new Queue<string>(args.SelectMany(Split));
        while (rest.TryDequeue(out var name))
        {
            switch (name)
            {
                case "--faithful":
                    options = options with { LogVisibilityDelay = TimeSpan.FromSeconds(45), SecretActivationDelay = TimeSpan.FromSeconds(3) };
                    continue;
                case "--seed-gateway":
                    options = options with { SeedGateway = true };
                    continue;
            }
            rest.TryDequeue(out var value);
            switch (name)
            {
                case "--port" when int.TryParse(value, NumberStyles.None, null, out var port) && port <= ushort.MaxValue:
                    options = options with { Url = $"http://127.0.0.1:{port}" };
                    break;
                case "--log-delay" when Seconds(value) is { } delay:
                    options = options with { LogVisibilityDelay = delay };
                    break;
                case "--secret-delay" when Seconds(value) is { } delay:
                    options = options with { SecretActivationDelay = delay };
                    break;
                case "--upstream" when Upstream(value) is var (provider, url):
                    upstreams[provider] = url;
                    break;
                case "--port" or "--log-delay" or "--secret-delay" or "--upstream":
                    return Refuse($"{name} does not take '{value}'");
                default:
                    return Refuse($"unknown option '{name}'");
            }
        }
        return new EmulatorArguments(options with { Upstreams = upstreams }, Error: null);
    }

    private static EmulatorArguments Refuse(string what) => new(Options: null, $"gatewayops emulator: {what}. {Usage}");

    private static string[] Split(string argument) => argument.StartsWith("--", StringComparison.Ordinal) ? argument.Split('=', 2) : [argument];

    private static TimeSpan? Seconds(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, null, out var seconds) && seconds <= 86_400 ? TimeSpan.FromSeconds(seconds) : null;

    private static (string Provider, Uri Url)? Upstream(string? text) =>
        text?.Split('=', 2) is [var provider, var url] && (GatewayProvider.Find(provider) is not null || provider.StartsWith(GatewayProvider.CustomPrefix, StringComparison.Ordinal))
        && Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            ? (provider, uri)
            : null;
}
