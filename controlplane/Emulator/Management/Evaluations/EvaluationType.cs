using System.Globalization;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Evaluations;

/// <summary>What an evaluation can measure. The types are the same for every account; their ids never change.</summary>
/// <param name="Measure">The row's part in the average; null when the row has nothing to measure.</param>
public sealed record EvaluationType(string Id, string Name, string Type, string Description, bool Mandatory, Func<LogRow, decimal?> Measure)
{
    private static readonly DateTimeOffset Created = DateTimeOffset.Parse("2024-10-01T00:00:00Z", CultureInfo.InvariantCulture);

    public static IReadOnlyList<EvaluationType> All { get; } =
    [
        new("5f2b9c62-6a1e-4d0b-9b1c-0c3d5f9a7e01", "Cost", "cost", "Average cost of the requests that have one, in USD", Mandatory: true, row => row.Cost > 0 ? row.Cost : null),
        new("5f2b9c62-6a1e-4d0b-9b1c-0c3d5f9a7e02", "Speed", "speed", "Average duration of the requests, in milliseconds", Mandatory: true, row => row.Duration),
        // 0 means that nobody judged.
        new("5f2b9c62-6a1e-4d0b-9b1c-0c3d5f9a7e03", "Human feedback", "human_feedback", "Percentage of thumbs up among the requests with feedback", Mandatory: false,
            row => row.Feedback switch { > 0 => 100, < 0 => 0, _ => null }),
    ];

    public static EvaluationType? Find(string id) => All.FirstOrDefault(type => type.Id == id);

    public JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["name"] = Name,
        ["type"] = Type,
        ["description"] = Description,
        ["enable"] = true,
        ["mandatory"] = Mandatory,
        ["created_at"] = JsonText.Time(Created),
        ["modified_at"] = JsonText.Time(Created),
    };
}

/// <summary>The average over the rows that have what a type measures; 0 while none has.</summary>
public sealed class Measurement(EvaluationType type)
{
    private decimal _sum;
    private int _logs;

    public EvaluationResult Result => new(Identifier.NewUuid(), type.Id, _logs == 0 ? 0 : _sum / _logs, _logs);

    public void Add(LogRow row)
    {
        if (type.Measure(row) is not { } value)
            return;
        _sum += value;
        _logs++;
    }
}
