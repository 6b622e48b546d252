using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GatewayOps.Tests.Monitoring;
using GatewayOps.Tests.Support;

namespace GatewayOps.Benchmarks.Proxy;

/// <summary>What is measured side by side, each started on the core that is given.</summary>
internal static class Contenders
{
    public const int Keys = 500, Rules = 50;

    public const string Gateway = "bench";

    public static Task<Server> MockAsync(int core) => RoleAsync("direct", core, "mock");

    public static Task<Server> ForwarderAsync(int core, Uri upstream) => RoleAsync("bare Kestrel", core, "forwarder", upstream.ToString());

    /// <summary>nginx of the distribution: one worker, no buffering, connections kept on both sides.</summary>
    public static Task<Server> NginxAsync(int core, Uri upstream, TemporaryFolder folder)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var configuration = Path.Combine(folder.Path, "nginx.conf");
        File.WriteAllText(configuration, $$"""
            daemon off; master_process off; worker_processes 1; pid {{folder.Path}}/nginx.pid; error_log stderr error;
            events { worker_connections 1024; }
            http {
              access_log off; keepalive_requests 100000000; client_max_body_size 64m;
              client_body_temp_path {{folder.Path}}/body; proxy_temp_path {{folder.Path}}/proxy;
              fastcgi_temp_path {{folder.Path}}/fastcgi; uwsgi_temp_path {{folder.Path}}/uwsgi; scgi_temp_path {{folder.Path}}/scgi;
              upstream provider { server {{upstream.Authority}}; keepalive 64; keepalive_requests 100000000; }
              server {
                listen {{address.Authority}};
                location / { proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }
              }
            }
            """);
        return Server.StartAsync("nginx", core, ["nginx", "-e", "stderr", "-c", configuration], address: address);
    }

    /// <summary>The program of the image, made by the Dockerfile's own command, which takes minutes. Throws <see cref="InvalidOperationException"/> with what the publishing says.</summary>
    public static async Task<string> PublishAsync(TemporaryFolder folder)
    {
        var command = ComposeFile.PublishesBy;
        // The restore for one platform writes it into the lock files of the clone, which name none: the tool's package is for all.
        var locks = Directory.EnumerateFiles(Path.Combine(Repository.Root, "controlplane"), "packages.lock.json", SearchOption.AllDirectories).ToDictionary(path => path, File.ReadAllBytes);
        try
        {
            using var publish = Process.Start(new ProcessStartInfo(command[0], [.. command.Skip(1), "-o", folder.Path, "-v", "q", "--nologo"])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
                WorkingDirectory = Repository.Root,
            })!;
            var said = await publish.StandardOutput.ReadToEndAsync();
            await publish.WaitForExitAsync();
            return publish.ExitCode == 0 ? Path.Combine(folder.Path, "gatewayops") : throw new InvalidOperationException($"The image's program was not published: {said}");
        }
        finally
        {
            foreach (var (path, content) in locks)
            {
                await File.WriteAllBytesAsync(path, content);
            }
        }
    }

    /// <summary>The published <paramref name="program"/> as the image runs it: its settings come as variables, those of the runtime from the image; its records go to PostgreSQL.</summary>
    public static Task<Server> ProductAsync(int core, string program, Uri provider, TestDatabase database, TestEmulator cloudflare)
    {
        var environment = TestService.Environment(database, cloudflare, new Dictionary<string, string>
        {
            ["GatewayOps:Cloudflare:GatewayBaseUrl"] = provider.ToString(),
            ["GatewayOps:Cloudflare:GatewayId"] = Gateway,
            ["GatewayOps:Usage:WriteInterval"] = "",
        });
        var ofRuntime = ComposeFile.OfImage.Where(variable => variable.Key.StartsWith("DOTNET_", StringComparison.Ordinal));
        return Server.StartAsync("GatewayOps", core, [program, "serve"], new Dictionary<string, string>([.. environment, .. ofRuntime]));
    }

    /// <summary>A gateway, rules of which the last one is the requests', and keys of which one is the caller's; what the caller sends as its token.</summary>
    public static async Task<string> FillAsync(Server product, TestEmulator cloudflare)
    {
        await cloudflare.CreateGatewayAsync(Gateway);
        using var api = Operator(product);
        await PostAsync(api, "content?name=rules", Document());
        await PostAsync(api, "content/rules/execute", new JsonObject());
        var tokens = new List<string>();
        for (var i = 1; i <= Keys; i++)
        {
            var made = await PostAsync(api, "tokens", new JsonObject { ["name"] = $"team-{i}", ["key"] = new JsonObject { ["gateways"] = new JsonArray(Gateway), ["models"] = new JsonArray("gpt-*") } });
            tokens.Add(made["token"]!.GetValue<string>());
        }

        return tokens[Keys / 2];
    }

    public static HttpClient Operator(Server product) => new() { BaseAddress = product.Address, DefaultRequestHeaders = { Authorization = new("Bearer", TestService.OperatorToken) } };

    private static JsonObject Document() => new()
    {
        ["gateways"] = new JsonArray(Gateway),
        ["rules"] = new JsonArray([.. Enumerable.Range(1, Rules - 1).Select(i => Rule($"rule-{i}", $"vendor-{i}-*")), Rule("chat", "gpt-4o*")]),
    };

    private static JsonNode Rule(string name, string model) => new JsonObject
    {
        ["name"] = name,
        ["pattern"] = "/chat/completions",
        ["match"] = new JsonObject { ["model"] = model },
        ["timeout"] = 30_000,
    };

    private static async Task<JsonNode> PostAsync(HttpClient api, string path, JsonObject body)
    {
        using var response = await api.PostAsJsonAsync(new Uri($"/api/v1/{path}", UriKind.Relative), body);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"{path}: {(int)response.StatusCode} {text}");
    }

    private static Task<Server> RoleAsync(string name, int core, params string[] role) => Server.StartAsync(name, core, ["dotnet", "exec", typeof(Contenders).Assembly.Location, .. role]);

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
