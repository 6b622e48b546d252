using System.Text.Json;

namespace GatewayOps.Emulator.Management;

/// <summary>A request's body that has the shape asked for, or the 400 that says everything that is wrong with it.</summary>
public static class ValidBody
{
    public static async Task<(JsonElement Body, IResult? Refusal)> ReadAsync(HttpRequest request, Shape shape, CancellationToken cancellationToken)
    {
        if (await JsonText.ReadAsync(request, cancellationToken) is not { ValueKind: JsonValueKind.Object } body)
            return (default, Envelope.Invalid(ApiError.Invalid(FieldPath.Body, "Input Validation Error")));
        var errors = shape.ErrorsOf(body);
        return (body, errors.Count > 0 ? Envelope.Invalid(errors) : null);
    }
}
