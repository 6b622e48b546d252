using System.Diagnostics;
using System.Text.Json;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GatewayOps.Tests.Hosting;

/// <summary>One line, one JSON object, whatever is logged.</summary>
public sealed class JsonLogFormatterTests
{
    private static readonly JsonSerializerOptions Strict = new() { AllowDuplicateProperties = false };
    private readonly LoggerExternalScopeProvider _scopes = new();

    [Fact]
    public void Line_HasItsFields_InUtc()
    {
        var line = Line([new("RequestId", "r1"), new("Provider", "openai"), new("DurationMs", 1.5), new("Attempts", 2), new("Revision", "rules@3"), new("{OriginalFormat}", "…")], "It was so");
        Assert.Equal(
            """{"time":"2026-11-21T12:00:00.000Z","level":"warn","category":"GatewayOps.Test","event_id":3001,"event":"AttemptFailed","message":"It was so","request_id":"r1","provider":"openai","duration_ms":1.5,"attempts":2,"revision":"rules@3"}""",
            line);
    }

    [Theory]
    [InlineData("two\nlines\r\nand \u0085 more\u2028\u2029")]
    [InlineData("\0\u0001\u001b[31mred\u007f")]
    [InlineData("half \ud800 of a pair \udc00")]
    [InlineData("\"},\"level\":\"info\",{\"")]
    [InlineData("é 中 😀")]
    public void Line_OfHostileText_IsOneLineOfValidJson(string text)
    {
        var line = Line([new("Model", text), new("Message", text), new(text, 1), new("Nothing", null), new("NaN", double.NaN)], text, new InvalidOperationException(text));
        Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u2029');
        var json = JsonSerializer.Deserialize<JsonElement>(line, Strict);
        Assert.Equal("warn", json.GetProperty("level").GetString());
        // Half a pair is no character: it is replaced.
        var shown = new string([.. text.EnumerateRunes().SelectMany(rune => rune.ToString())]);
        Assert.Equal((shown, shown, shown), (json.GetProperty("message").GetString(), json.GetProperty("model").GetString(), json.GetProperty("message_value").GetString()));
        Assert.Contains("InvalidOperationException", json.GetProperty("exception").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Exception_IsOneFieldWithItsStack()
    {
        try
        {
            throw new InvalidOperationException("broken");
        }
        catch (InvalidOperationException exception)
        {
            var text = JsonSerializer.Deserialize<JsonElement>(Line([], "m", exception)).GetProperty("exception").GetString()!;
            Assert.Contains("broken", text, StringComparison.Ordinal);
            Assert.Contains(nameof(Exception_IsOneFieldWithItsStack), text, StringComparison.Ordinal);
        }
    }

    /// <summary>Ids of scopes are fields; the framework's scope has the path with its query, and is none.</summary>
    [Fact]
    public void Scopes_GiveIdsAndNothingElse()
    {
        using var request = _scopes.Push(new List<KeyValuePair<string, object?>> { new("RequestId", "of the scope"), new("RequestPath", "/v1?auth_token=canary") });
        using var pass = _scopes.Push(new List<KeyValuePair<string, object?>> { new("ReconcileId", Guid.Empty), new("Gateway", "prod") });
        using var text = _scopes.Push("canary");
        var line = Line([new("RequestId", "of the message")], "m");
        Assert.EndsWith("\"request_id\":\"of the message\",\"reconcile_id\":\"00000000-0000-0000-0000-000000000000\",\"gateway\":\"prod\"}", line, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Trace_IsNamed()
    {
        using var activity = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        Assert.Equal(activity.TraceId.ToHexString(), JsonSerializer.Deserialize<JsonElement>(Line([], "m")).GetProperty("trace_id").GetString());
    }

    private string Line(List<KeyValuePair<string, object?>> values, string message, Exception? exception = null)
    {
        var text = new StringWriter();
        var entry = new LogEntry<List<KeyValuePair<string, object?>>>(LogLevel.Warning, "GatewayOps.Test", new EventId(3001, "AttemptFailed"), values, exception, (_, _) => message);
        new JsonLogFormatter(new TestClock()).Write(in entry, _scopes, text);
        var line = text.ToString();
        Assert.EndsWith("}\n", line, StringComparison.Ordinal);
        return line[..^1];
    }
}
