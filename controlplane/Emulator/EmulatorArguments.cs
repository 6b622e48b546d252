using System.Globalization;
using System.Text;
using GatewayOps.Emulator.Export.Logpush;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator;

/// <summary>An option of `gatewayops emulator`. The table below is the parser, the help, and what the guide is compared with.</summary>
/// <param name="Value">What stands for the value in the help; null = the option has none.</param>
/// <param name="Expected">What a value must be, for who gave another.</param>
/// <param name="Apply">Null when the value is none of those expected.</param>
public sealed record EmulatorArgument(string Name, string? Value, string Help, string Expected, Func<EmulatorOptions, string, EmulatorOptions?> Apply);

/// <summary>The command line of `gatewayops emulator`: options, or one line that says what is wrong and how to put it right.</summary>
/// <param name="HelpAsked">`--help`: nothing is to be run.</param>
public sealed record EmulatorArguments(EmulatorOptions? Options, string? Error, bool HelpAsked = false)
{
    private const string FaithfulName = "--faithful";
    private const int LongestDelay = 86_400;

    /// <summary>In the order of the help. The token is not among them: a command line is public.</summary>
    public static IReadOnlyList<EmulatorArgument> All { get; } =
    [
        new("--port", "N", $"Port on the loopback interface; 0 takes a free one. Default {EmulatorOptions.DefaultPort}.", "a port, 0 to 65535",
            (options, text) => Number(text, 0, ushort.MaxValue) is { } port ? options with { Url = $"http://127.0.0.1:{port}" } : null),
        new("--account", "ID", "Id of the account. Default dev-account.", "1 to 64 of a-z, 0-9 and -",
            (options, text) => Management.ManagementAccess.IsAccountId(text) ? options with { AccountId = text } : null),
        new("--seed-gateway", null, "Start with a gateway openai-compat, which asks for a token in cf-aig-authorization.", "", (options, _) => options with { SeedGateway = true }),
        new("--upstream", "PROVIDER=URL", "A real upstream in the place of the simulated provider (an Ollama, say); custom-SLUG for a custom provider. Repeatable.",
            "provider=url, as in openai=http://127.0.0.1:11434/v1; the provider is a slug of the gateway or custom-SLUG", Upstream),
        new("--route-seed", "N", "The percentage splits of dynamic routes take the same ways in every run.", "a whole number",
            (options, text) => int.TryParse(text, NumberStyles.AllowLeadingSign, null, out var seed) ? options with { RouteSeed = seed } : null),
        new("--state", "FILE", "Load the state from this file when it is there, and save it there at a clean stop.", "the path of a file",
            (options, text) => text.Length > 0 ? options with { StateFile = text } : null),
        new("--state-secrets", null, "The file holds the values of secrets too: keep it out of git.", "", (options, _) => options with { StateSecrets = true }),
        new("--state-logs", "N", "The file holds the newest N log rows of each gateway. Default 0.", "a number of rows, 0 to 100000",
            (options, text) => Number(text, 0, 100_000) is { } rows ? options with { StateLogRows = rows } : null),
        new(FaithfulName, null, "The real service's delays and limits; an option of its own still wins.", "", (options, _) => options.Faithful()),
        Delay("--log-delay", "until a request's log row appears", 45, (options, delay) => options with { LogVisibilityDelay = delay }),
        Delay("--secret-delay", "that a new secret stays pending", 3, (options, delay) => options with { SecretActivationDelay = delay }),
        Delay("--token-delay", "in which a new token is refused now and then", 60, (options, delay) => options with { TokenPropagation = delay }),
        Delay("--policy-delay", "from the commit of a policy until it is enforced", 900, (options, delay) => options with { PolicyDelay = delay }),
        Delay("--deletion-delay", "until deleted log rows vanish", 5, (options, delay) => options with { LogDeletionDelay = delay }),
        Delay("--analytics-delay", "until a request counts in the analytics", 840, (options, delay) => options with { AnalyticsDelay = delay }),
        new("--logpush", "URL-OR-FOLDER", "Where batches of encrypted logs go, for gateways with logpush and a public key. Up to four.",
            "an http or https address, or a folder; at most four", Logpush),
        new("--api-limit", "N", "Management requests in five minutes, then 429 for five minutes. Default 1200.", "a number of requests, 1 to 1000000000",
            (options, text) => Number(text, 1, 1_000_000_000) is { } most ? options with { RequestsPerFiveMinutes = most } : null),
        new("--address-limit", "N", "Management requests in a second from one address. Default none; 200 when faithful.", "a number of requests, 1 to 1000000000",
            (options, text) => Number(text, 1, 1_000_000_000) is { } most ? options with { RequestsPerSecondPerAddress = most } : null),
    ];

    /// <summary>What `--help` prints.</summary>
    public static string Help
    {
        get
        {
            var rows = All.Select(option => ($"  {option.Name} {option.Value}".TrimEnd(), option.Help)).Append(("  --help", "This text."));
            var text = new StringBuilder().AppendLine(
                """
                A local Cloudflare AI Gateway: management API, data plane, simulated providers. State is in memory.

                Usage: gatewayops emulator [options]

                Options:
                """);
            foreach (var (name, help) in rows)
                text.Append(CultureInfo.InvariantCulture, $"{name,-28}{help}").AppendLine();
            return text.AppendLine().Append(
                """
                The credentials are fixed: account dev-account, token dev-token. Point a client at it with
                  CLOUDFLARE_BASE_URL=http://127.0.0.1:8788/client/v4     the management API
                  http://127.0.0.1:8788/v1/dev-account/GATEWAY/PROVIDER   the gateway
                and open http://127.0.0.1:8788/ for what else it has.
                """).ToString();
        }
    }

    /// <summary>`--name value` and `--name=value` mean the same, in any order.</summary>
    public static EmulatorArguments Parse(string[] args)
    {
        var given = new List<(EmulatorArgument Option, string Value)>();
        var rest = new Queue<string>(args.SelectMany(Split));
        while (rest.TryDequeue(out var name))
        {
            if (name is "--help" or "-h" or "-?")
                return new EmulatorArguments(Options: null, Error: null, HelpAsked: true);
            if (All.FirstOrDefault(option => option.Name == name) is not { } found)
                return Refuse($"unknown option '{name}'{Nearest(name)}");
            var value = "";
            if (found.Value is not null && !rest.TryDequeue(out value!))
                return Refuse($"{name} needs a value: {found.Expected}");
            given.Add((found, value));
        }
        // What is said by name wins over what the mode says, wherever it stands.
        EmulatorOptions? options = new();
        foreach (var (option, value) in given.OrderBy(one => one.Option.Name == FaithfulName ? 0 : 1))
        {
            if (option.Apply(options, value) is not { } next)
                return Refuse($"{option.Name} does not take '{value}': expected {option.Expected}");
            options = next;
        }
        return new EmulatorArguments(options, Error: null);
    }

    private static EmulatorArguments Refuse(string what) => new(Options: null, $"gatewayops emulator: {what}. See gatewayops emulator --help.");

    private static string Nearest(string name) =>
        All.Select(option => option.Name).Where(known => known.StartsWith(name, StringComparison.Ordinal) || name.StartsWith(known, StringComparison.Ordinal)).FirstOrDefault() is { } near
            ? $"; did you mean {near}?"
            : "";

    private static string[] Split(string argument) => argument.StartsWith("--", StringComparison.Ordinal) ? argument.Split('=', 2) : [argument];

    private static EmulatorArgument Delay(string name, string what, int faithful, Func<EmulatorOptions, TimeSpan, EmulatorOptions> set) => new(
        name, "SECONDS", $"Seconds {what}. Default 0; {faithful} when faithful.", $"seconds, 0 to {LongestDelay}",
        (options, text) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= LongestDelay
            ? set(options, TimeSpan.FromSeconds(seconds))
            : null);

    private static int? Number(string text, int minimum, int maximum) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum ? number : null;

    private static EmulatorOptions? Upstream(EmulatorOptions options, string text) =>
        text.Split('=', 2) is [var provider, var url] && IsProvider(provider)
        && Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            ? options with { Upstreams = new Dictionary<string, Uri>(options.Upstreams) { [provider] = uri } }
            : null;

    private static EmulatorOptions? Logpush(EmulatorOptions options, string text)
    {
        if (text.Length == 0 || options.Logpush.Count == LogpushDestinations.Most)
            return null;
        if (LogpushDestinations.AddressOf(text) is not null)
            return options with { Logpush = [.. options.Logpush, text] };
        // An address of another scheme is no folder, though a folder could be called so.
        return text.Contains("://", StringComparison.Ordinal) ? null : options with { Logpush = [.. options.Logpush, Path.GetFullPath(text)] };
    }

    private static bool IsProvider(string slug) =>
        GatewayProvider.Find(slug) is not null || (slug.StartsWith(GatewayProvider.CustomPrefix, StringComparison.Ordinal) && slug.Length > GatewayProvider.CustomPrefix.Length);
}
