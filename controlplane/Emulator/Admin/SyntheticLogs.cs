using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using GatewayOps.Emulator.DataPlane;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Admin;

/// <summary>
/// Log rows of requests that nobody made: several providers, models, teams and users, one in fifty failed, one in five from the cache, spread evenly between two times.
/// The same arguments give the same rows, ids included.
/// </summary>
public sealed class SyntheticLogs(int count, DateTimeOffset from, DateTimeOffset to, int seed, bool bodies)
{
    private static readonly (string Provider, string Model, string Path)[] Models =
    [
        ("openai", "gpt-5-mini", "chat/completions"),
        ("openai", "gpt-4o-mini", "chat/completions"),
        ("anthropic", "claude-sonnet-4-5", "v1/messages"),
        ("google-ai-studio", "gemini-2.5-flash", "v1beta/models/gemini-2.5-flash:generateContent"),
        ("workers-ai", "@cf/meta/llama-3.1-8b-instruct", "@cf/meta/llama-3.1-8b-instruct"),
    ];

    private static readonly string[] Teams = ["core", "search", "support", "growth"];
    private static readonly int[] Failures = [400, 429, 500, 503];

    public IEnumerable<LogRow> Rows()
    {
        var random = new Random(seed);
        for (var number = 0; number < count; number++)
            yield return Row(random, from + (to - from) * ((double)number / count));
    }

    private LogRow Row(Random random, DateTimeOffset at)
    {
        var (provider, model, path) = Models[random.Next(Models.Length)];
        var (failed, cached) = (random.Next(50) == 0, random.Next(5) == 0);
        var (tokensIn, tokensOut) = (random.Next(10, 2_000), failed ? 0 : random.Next(5, 800));
        var duration = cached ? random.Next(2, 20) : random.Next(150, 9_000);
        return new LogRow
        {
            Id = NewId(random, at).ToString(),
            Provider = provider,
            Model = model,
            Path = path,
            StatusCode = failed ? Failures[random.Next(Failures.Length)] : 200,
            Success = !failed,
            Cached = cached && !failed,
            Duration = duration,
            Latency = Math.Max(1, duration / 3),
            TokensIn = tokensIn,
            TokensOut = tokensOut,
            Cost = cached || failed ? 0 : Cost.Of(model, new TokenUsage(tokensIn, tokensOut), custom: null),
            Metadata = string.Create(CultureInfo.InvariantCulture, $$"""{"team":"{{Teams[random.Next(Teams.Length)]}}","user_id":{{random.Next(1, 251)}}}"""),
            RequestContentType = "application/json",
            ResponseContentType = "application/json",
            EventId = NewUuid(random).ToString(),
            UserAgent = "synthetic/1.0",
            RequestBody = bodies ? Encoding.UTF8.GetBytes($$"""{"model":"{{model}}","messages":[{"role":"user","content":"question {{random.Next()}}"}]}""") : null,
            ResponseBody = bodies ? Encoding.UTF8.GetBytes($$$"""{"object":"chat.completion","model":"{{{model}}}","choices":[{"message":{"role":"assistant","content":"answer {{{random.Next()}}}"}}]}""") : null,
        };
    }

    private static Ulid NewId(Random random, DateTimeOffset at)
    {
        Span<byte> chance = stackalloc byte[10];
        random.NextBytes(chance);
        return new Ulid(Ulid.SmallestOf(at).High | BinaryPrimitives.ReadUInt16BigEndian(chance), BinaryPrimitives.ReadUInt64BigEndian(chance[2..]));
    }

    private static Guid NewUuid(Random random)
    {
        Span<byte> chance = stackalloc byte[16];
        random.NextBytes(chance);
        return new Guid(chance);
    }
}
