using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Analytics.Telemetry;

/// <summary>A telemetry query over the account's log rows: events, invocations or calculations. The body has its shape already.</summary>
public sealed class TelemetryQuery(AccountState account, JsonElement body, DateTimeOffset now, TimeSpan skew = default)
{
    private const int DefaultEvents = 100;
    private const int DefaultGroups = 10;
    private const int DefaultBuckets = 24;

    private readonly JsonElement _parameters = body.TryGetProperty("parameters", out var parameters) ? parameters : default;
    private readonly long _from = (long)body.GetProperty("timeframe").GetProperty("from").GetDouble();
    private readonly long _to = (long)body.GetProperty("timeframe").GetProperty("to").GetDouble();

    public JsonObject Answer()
    {
        var events = Events(account, _parameters, _from, _to, skew);
        var view = body.TextOf("view") ?? "events";
        var answer = new JsonObject { ["run"] = Run(events.Count), ["statistics"] = Statistics(events.Count) };
        switch (view)
        {
            case "events":
                answer["events"] = Listed(events);
                break;
            case "invocations" or "requests":
                answer["invocations"] = new JsonObject(events.GroupBy(e => (string)e["$metadata.requestId"]!).Take(Limit(body, DefaultEvents))
                    .Select(request => KeyValuePair.Create<string, JsonNode?>(request.Key, new JsonArray([.. request.Select(e => e.ToJson())]))));
                break;
            case "calculations":
                answer["calculations"] = Calculated(events, _from, _to);
                if (body.FlagOf("compare"))
                    answer["compare"] = Calculated(Events(account, _parameters, _from - (_to - _from), _from, skew), _from - (_to - _from), _from);
                break;
            default:
                // AI Gateway's events are no spans: there are no traces and no agents among them.
                answer[view] = new JsonArray();
                break;
        }
        return answer;
    }

    /// <summary>The events that the filters mean, newest first.</summary>
    public static List<TelemetryEvent> Events(AccountState account, JsonElement filters, long from, long to, TimeSpan skew = default)
    {
        var datasets = filters.ValueKind == JsonValueKind.Object && filters.TryGetProperty("datasets", out var named) ? [.. named.EnumerateArray().Select(name => name.GetString())] : new List<string?>();
        if (datasets.Count > 0 && !datasets.Contains(TelemetryEvent.Dataset))
            return [];
        var passes = TelemetryFilter.Read(filters);
        return
        [
            .. account.Gateways
                .SelectMany(gateway => gateway.Logs.Between(DateTimeOffset.FromUnixTimeMilliseconds(from) - skew, DateTimeOffset.FromUnixTimeMilliseconds(to) - skew).Select(row => new TelemetryEvent(gateway, row, skew)))
                .Where(passes)
                .OrderByDescending(e => e.Row.Id, StringComparer.Ordinal),
        ];
    }

    private JsonObject Listed(List<TelemetryEvent> events)
    {
        var (limit, offset, backwards) = (Limit(body, DefaultEvents), body.TextOf("offset"), body.TextOf("offsetDirection") == "prev");
        var page = offset is null ? events.Take(limit)
            : backwards ? events.Where(e => string.CompareOrdinal(e.Row.Id, offset) > 0).TakeLast(limit)
            : events.Where(e => string.CompareOrdinal(e.Row.Id, offset) < 0).Take(limit);
        return new JsonObject
        {
            ["count"] = events.Count,
            ["events"] = new JsonArray([.. page.Select(e => e.ToJson())]),
            ["fields"] = new JsonArray([.. events.Take(limit).SelectMany(e => e.Keys.Select(key => (Key: key, Type: TelemetryEvent.TypeOf(e[key]!)))).Distinct()
                .Select(field => new JsonObject { ["key"] = field.Key, ["type"] = field.Type })]),
        };
    }

    private JsonArray Calculated(List<TelemetryEvent> events, long from, long to)
    {
        Calculation[] calculations = Items("calculations") is { Count: > 0 } asked ? [.. asked.Select(Calculation.Read)] : [new Calculation("count", null, null)];
        string[] keys = [.. Items("groupBys").Select(group => group.GetProperty("value").GetString()!)];
        var groups = Groups(events, keys, calculations);
        var (chart, ignoreSeries) = (body.TextOf("chartType"), body.FlagOf("ignoreSeries"));
        return
        [
            .. calculations.Select(calculation =>
            {
                var result = new JsonObject
                {
                    ["calculation"] = calculation.Operator,
                    ["aggregates"] = chart == "timeseries" ? [] : new JsonArray([.. groups.Select(group => Aggregate(calculation, keys, group))]),
                    ["series"] = ignoreSeries || chart == "aggregate" ? [] : Series(calculation, keys, groups, from, to),
                };
                if (calculation.Alias is { } alias)
                    result["alias"] = alias;
                return result;
            }),
        ];
    }

    private List<List<TelemetryEvent>> Groups(List<TelemetryEvent> events, string[] keys, Calculation[] calculations)
    {
        if (keys.Length == 0)
            return [events];
        var groups = events.GroupBy(e => string.Join('\0', keys.Select(key => e[key]))).Select(group => group.ToList());
        foreach (var having in Items("havings"))
            if (Array.Find(calculations, one => one.Name.Equals(having.GetProperty("key").GetString(), StringComparison.OrdinalIgnoreCase)) is { } figure)
            {
                var (wanted, operation) = (having.GetProperty("value").GetDouble(), having.GetProperty("operation").GetString());
                groups = groups.Where(group => Holds(operation!, figure.Of(group).CompareTo(wanted)));
            }
        if (_parameters.TryGetProperty("orderBy", out var order)
            && Array.Find(calculations, one => one.Name.Equals(order.GetProperty("value").GetString(), StringComparison.OrdinalIgnoreCase)) is { } by)
            groups = order.TextOf("order") == "asc" ? groups.OrderBy(by.Of) : groups.OrderByDescending(by.Of);
        var skip = body.TryGetProperty("offsetBy", out var offset) ? (int)offset.GetDouble() : 0;
        return [.. groups.Skip(skip).Take(Limit(body, Limit(_parameters, DefaultGroups)))];
    }

    private static bool Holds(string operation, int comparison) => operation switch
    {
        "eq" => comparison == 0,
        "neq" => comparison != 0,
        "gt" => comparison > 0,
        "gte" => comparison >= 0,
        "lt" => comparison < 0,
        _ => comparison <= 0,
    };

    private JsonArray Series(Calculation calculation, string[] keys, List<List<TelemetryEvent>> groups, long from, long to)
    {
        var width = Math.Max(1, (to - from + Buckets - 1) / Buckets);
        var byBucket = groups.ConvertAll(group => group.ToLookup(e => (e.Time - from) / width));
        return
        [
            .. byBucket.SelectMany(group => group).Select(part => part.Key).Distinct().Order().Select(bucket => new JsonObject
            {
                ["time"] = JsonText.Time(DateTimeOffset.FromUnixTimeMilliseconds(from + (bucket * width))),
                ["data"] = new JsonArray([.. byBucket.Where(group => group.Contains(bucket)).Select(group => Aggregate(calculation, keys, [.. group[bucket]]))]),
            }),
        ];
    }

    private static JsonObject Aggregate(Calculation calculation, string[] keys, List<TelemetryEvent> events)
    {
        var aggregate = new JsonObject { ["count"] = events.Count, ["interval"] = 1, ["sampleInterval"] = 1, ["value"] = calculation.Of(events) };
        if (keys.Length > 0)
            aggregate["groups"] = new JsonArray([.. keys.Select(key => new JsonObject { ["key"] = key, ["value"] = TelemetryEvent.Value(events[0][key]) ?? "" })]);
        return aggregate;
    }

    private JsonObject Run(int rows)
    {
        var id = body.GetProperty("queryId").GetString()!;
        return new JsonObject
        {
            ["id"] = Identifier.NewUuid(),
            ["accountId"] = account.Id,
            ["dry"] = body.FlagOf("dry"),
            ["granularity"] = Buckets,
            ["query"] = new JsonObject
            {
                ["id"] = id,
                ["adhoc"] = true,
                ["name"] = id,
                ["description"] = null,
                ["created"] = JsonText.Time(now),
                ["createdBy"] = "emulator",
                ["updated"] = JsonText.Time(now),
                ["updatedBy"] = "emulator",
                ["parameters"] = _parameters.ValueKind == JsonValueKind.Object ? JsonObject.Create(_parameters.Clone()) : [],
            },
            ["status"] = "COMPLETED",
            ["timeframe"] = new JsonObject { ["from"] = _from, ["to"] = _to },
            ["userId"] = "emulator",
            ["created"] = JsonText.Time(now),
            ["updated"] = JsonText.Time(now),
            ["statistics"] = Statistics(rows),
        };
    }

    private int Buckets => body.TryGetProperty("granularity", out var granularity) ? (int)granularity.GetDouble() : DefaultBuckets;

    private static JsonObject Statistics(int rows) => new() { ["elapsed"] = 0.001, ["rows_read"] = rows, ["bytes_read"] = 0 };

    private List<JsonElement> Items(string name) =>
        _parameters.ValueKind == JsonValueKind.Object && _parameters.TryGetProperty(name, out var items) ? [.. items.EnumerateArray()] : [];

    private static int Limit(JsonElement element, int absent) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty("limit", out var limit) ? (int)limit.GetDouble() : absent;
}
