using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>
/// One event, one line, one JSON object, whatever is logged: newlines, control characters and halves of surrogate pairs are escaped or replaced. Of scopes only what <see cref="FromScopes"/>
/// names: those of the framework hold the request's path with its query, and a query may hold a token.
/// </summary>
public sealed class JsonLogFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "gatewayops-json";

    /// <summary>Fields of every line that has them; a value of that name in a message is called `{name}_value`.</summary>
    public static IReadOnlyList<string> Reserved { get; } = ["time", "level", "event", "event_id", "category", "message", "exception", "trace_id", "span_id"];

    /// <summary>What tells lines of one request or one pass together.</summary>
    private static readonly FrozenSet<string> FromScopes = new[] { "RequestId", "ReconcileId", "Gateway", "Revision" }.ToFrozenSet();

    private const int LongestText = 32_768;

    private static readonly FrozenSet<string> ReservedNames = Reserved.ToFrozenSet();
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(1024);
        buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            Write(json, in logEntry, scopeProvider);
        }

        textWriter.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        textWriter.Write('\n');
    }

    private void Write<TState>(Utf8JsonWriter json, in LogEntry<TState> entry, IExternalScopeProvider? scopes)
    {
        var names = new HashSet<string>();
        json.WriteStartObject();
        json.WriteString("time", time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteString("level", Word(entry.LogLevel));
        json.WriteString("category", entry.Category);
        json.WriteNumber("event_id", entry.EventId.Id);
        if (entry.EventId.Name is { } name)
        {
            json.WriteString("event", name);
        }

        json.WriteString("message", Cut(entry.Formatter(entry.State, entry.Exception)));
        if (entry.State is IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            Fields(json, values, names, isScope: false);
        }

        scopes?.ForEachScope((scope, _) =>
        {
            if (scope is IReadOnlyList<KeyValuePair<string, object?>> inScope)
            {
                Fields(json, inScope, names, isScope: true);
            }
        }, 0);
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
        {
            json.WriteString("trace_id", activity.TraceId.ToHexString());
            json.WriteString("span_id", activity.SpanId.ToHexString());
        }

        if (entry.Exception is { } exception)
        {
            json.WriteString("exception", Cut(exception.ToString()));
        }

        json.WriteEndObject();
    }

    // The first of a name counts: a message says more than its scope.
    private static void Fields(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> values, HashSet<string> names, bool isScope)
    {
        for (var i = 0; i < values.Count; i++)
        {
            var (key, value) = values[i];
            if (key == "{OriginalFormat}" || (isScope && !FromScopes.Contains(key)))
            {
                continue;
            }

            var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(key);
            name = ReservedNames.Contains(name) ? $"{name}_value" : name;
            if (names.Add(name))
            {
                json.WritePropertyName(name);
                Value(json, value);
            }
        }
    }

    private static void Value(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case int or long or short or byte or uint or ushort:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case decimal number:
                json.WriteNumberValue(number);
                break;
            case IFormattable formattable:
                json.WriteStringValue(formattable.ToString(null, CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteStringValue(Cut(value.ToString() ?? ""));
                break;
        }
    }

    private static string Cut(string? text) => text is null ? "" : text.Length <= LongestText ? text : string.Concat(text.AsSpan(0, LongestText), " (cut)");

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "critical",
    };
}
