using System.Text.Json;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli.Batch;

/// <summary>A folder with prompts, and the command line in it beside a gateway.</summary>
internal sealed class BatchWork(Uri gateway, string account, string token) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string this[string name] => _folder[name];

    public string Folder => _folder.Path;

    public Dictionary<string, string> Variables { get; } = new()
    {
        ["CLOUDFLARE_ACCOUNT_ID"] = account,
        ["CLOUDFLARE_GATEWAY_TOKEN"] = token,
        ["CLOUDFLARE_GATEWAY_BASE_URL"] = gateway.ToString(),
        ["LLM_PROVIDER"] = "openai",
        ["CLOUDFLARE_MODEL"] = "gpt-4o-mini",
    };

    public static BatchWork Before(Client.ClientStage stage) => new(stage.Emulator.BaseUrl, stage.Emulator.Options.AccountId, stage.Emulator.Options.ApiToken);

    public static BatchWork Before(Client.ScriptedGateway gateway) => new(gateway.BaseUrl, gateway.Options.AccountId, Client.ScriptedGateway.Token);

    /// <summary>Writes a file of lines.</summary>
    public string Write(string name, params string[] lines)
    {
        File.WriteAllText(_folder[name], string.Concat(lines.Select(line => line + "\n")));
        return name;
    }

    /// <summary>`prompts.jsonl` with the ids `p0`, `p1`, …</summary>
    public string Prompts(int count, string text = "Say") => Write("prompts.jsonl", [.. Enumerable.Range(0, count).Select(i => $$"""{"id":"p{{i}}","prompt":"{{text}} {{i}}"}""")]);

    public Task<CliRun> RunAsync(params string[] arguments) => CliRun.InAsync(Variables, arguments, Folder);

    /// <summary>`batch run` from `prompts.jsonl` to `answers.jsonl`.</summary>
    public Task<CliRun> BatchAsync(params string[] more) => RunAsync(["batch", "run", "--input", "prompts.jsonl", "--output", "answers.jsonl", .. more]);

    public IReadOnlyList<JsonElement> Answers(string name = "answers.jsonl") => [.. File.ReadLines(_folder[name]).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];

    public string[] Files => [.. Directory.EnumerateFiles(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Dispose();
}
