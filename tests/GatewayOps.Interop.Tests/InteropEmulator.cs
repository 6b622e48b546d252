using GatewayOps.Emulator;
using Microsoft.AspNetCore.Builder;

namespace GatewayOps.Interop.Tests;

/// <summary>An emulator of its own for one script, on a free port, told to the clients by their own environment variables.</summary>
internal sealed class InteropEmulator : IAsyncDisposable
{
    private readonly WebApplication _app;

    private InteropEmulator(WebApplication app, EmulatorOptions options)
    {
        _app = app;
        var url = app.Urls.First();
        Environment = new Dictionary<string, string>
        {
            // cloudflare
            ["CLOUDFLARE_BASE_URL"] = $"{url}/client/v4",
            ["CLOUDFLARE_API_TOKEN"] = options.ApiToken,
            ["CLOUDFLARE_ACCOUNT_ID"] = options.AccountId,
            // wrangler
            ["CLOUDFLARE_API_BASE_URL"] = $"{url}/client/v4",
            ["WRANGLER_SEND_METRICS"] = "false",
            // ours, for the scripts
            ["EMULATOR_URL"] = url,
            ["GATEWAY_URL"] = $"{url}/v1/{options.AccountId}",
            ["LEGACY_EMAIL"] = options.ApiEmail,
            ["LEGACY_KEY"] = options.ApiKey,
        };
    }

    public IReadOnlyDictionary<string, string> Environment { get; }

    public static async Task<InteropEmulator> StartAsync()
    {
        var options = new EmulatorOptions { Url = "http://127.0.0.1:0" };
        var app = EmulatorHost.Build(options);
        await app.StartAsync();
        return new InteropEmulator(app, options);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
