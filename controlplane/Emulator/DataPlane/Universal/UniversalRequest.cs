using System.Text.Json;

namespace GatewayOps.Emulator.DataPlane.Universal;

/// <summary>The body of a universal request: an array of steps, at least one.</summary>
public static class UniversalRequest
{
    public static (IReadOnlyList<UniversalStep> Steps, GatewayError? Error) Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                return ([], GatewayError.BadInput("Expected array", "body"));
            var steps = new List<UniversalStep>();
            foreach (var item in document.RootElement.EnumerateArray())
            {
                var (step, error) = UniversalStep.Read(item, "body", steps.Count);
                if (step is null)
                    return ([], error);
                steps.Add(step);
            }
            return steps.Count > 0 ? (steps, null) : ([], GatewayError.BadInput("Array must contain at least 1 element", "body"));
        }
        // InvalidOperationException: text that is no valid UTF-8 or a lone surrogate shows only when it is read.
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return ([], GatewayError.BadInput("Invalid JSON", "body"));
        }
    }
}
