using System.Text.Json;
using GatewayOps.Emulator.DataPlane;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.WorkersAi.Catalogue;
using GatewayOps.Emulator.WorkersAi.Rest;
using Microsoft.AspNetCore.Http.Features;

namespace GatewayOps.Emulator.WorkersAi;

/// <summary>
/// Models by the REST API (contract sections 11 and 16): `/ai/run/{model}`, `/ai/run`, and the addresses of OpenAI and Anthropic below `/ai/v1`. A request
/// that names a gateway runs through it; one for Workers AI that names none runs without, one for a third party through `default`.
/// </summary>
public static class AiEndpoints
{
    /// <param name="account">The group at /accounts/{accountId}.</param>
    public static void MapWorkersAi(this RouteGroupBuilder account)
    {
        var ai = account.MapGroup("/ai").RequiresRestSurface().CountsAs(ApiBudget.Inference).WithTags("Workers AI");
        ai.MapPost("/run/{**model}", (HttpContext context, AiDoor door, string model) => RunAsync(context, door, Uri.UnescapeDataString(model))).WithSummary("Run a model of Workers AI, or a third party's");
        ai.MapPost("/run", RunNamedAsync).WithSummary("Run the model that the body names")
            .Takes(Shapes.ObjectOf(new Member("model", Shapes.Text(1), Required: true), new Member("input", Shapes.ObjectOf(), Required: true)));
        ai.MapPost("/v1/chat/completions", (HttpContext context, AiDoor door) => OpenAiAsync(context, door, "chat/completions")).WithSummary("OpenAI's chat completions");
        ai.MapPost("/v1/embeddings", (HttpContext context, AiDoor door) => OpenAiAsync(context, door, "embeddings")).WithSummary("OpenAI's embeddings");
        ai.MapPost("/v1/responses", (HttpContext context, AiDoor door) => OpenAiAsync(context, door, "responses")).WithSummary("OpenAI's responses");
        ai.MapPost("/v1/messages", (HttpContext context, AiDoor door) => OpenAiAsync(context, door, "messages")).WithSummary("Anthropic's messages");
        account.MapModels();
    }

    private static async Task RunAsync(HttpContext context, AiDoor door, string model)
    {
        if (await ReadAsync(context) is not { } body)
            return;
        if (ThirdParty.IsOurs(model))
            await door.WorkersAiAsync(context, Escaped(model), context.Request.QueryString.ToUriComponent(), body);
        else if (Parsed(body) is { } input)
            await RunThirdPartyAsync(context, door, model, input);
        else
            await RestErrors.WriteAsync(context.Response, RestErrors.BadInput(context, "the body is not a JSON object"));
    }

    /// <summary>`{model, input}`.</summary>
    private static async Task RunNamedAsync(HttpContext context, AiDoor door)
    {
        if (await ReadAsync(context) is not { } body)
            return;
        if (Parsed(body) is not { } request)
            await RestErrors.WriteAsync(context.Response, RestErrors.BadInput(context, "the body is not a JSON object"));
        else if (!request.TryGetProperty("model", out var model) || model.ValueKind != JsonValueKind.String)
            await RestErrors.WriteAsync(context.Response, RestErrors.BadInput(context, "required properties at '/' are 'model'"));
        else if (!request.TryGetProperty("input", out var input) || input.ValueKind != JsonValueKind.Object)
            await RestErrors.WriteAsync(context.Response, RestErrors.BadInput(context, "required properties at '/' are 'input'"));
        else if (ThirdParty.IsOurs(model.GetString()!))
            await door.WorkersAiAsync(context, Escaped(model.GetString()!), "", RequestBody.Of(JsonSerializer.SerializeToUtf8Bytes(input)));
        else
            await RunThirdPartyAsync(context, door, model.GetString()!, input);
    }

    private static async Task RunThirdPartyAsync(HttpContext context, AiDoor door, string model, JsonElement input)
    {
        if (ThirdParty.Find(context.Account(), model) is { } party)
            await door.RunAsync(context, party, ThirdPartyInput.Of(party, input));
        else
            await RestErrors.WriteAsync(context.Response, RestErrors.ModelNotFound(model));
    }

    /// <param name="operation">What follows `/ai/v1/`.</param>
    private static async Task OpenAiAsync(HttpContext context, AiDoor door, string operation)
    {
        if (await ReadAsync(context) is not { } body)
            return;
        if (body.Model is not { Length: > 0 } model)
            await RestErrors.WriteAsync(context.Response, RestErrors.BadInput(context, "required properties at '/' are 'model'"));
        else if (ThirdParty.IsOurs(model) && operation == "messages")
            await RestErrors.WriteAsync(context.Response, RestErrors.ModelNotFound(model));
        else if (ThirdParty.IsOurs(model))
            await door.WorkersAiAsync(context, "v1/" + operation, "", body);
        else if (model.StartsWith(ThirdParty.RoutePrefix, StringComparison.Ordinal) && operation == "chat/completions")
            await door.RouteAsync(context, body);
        else if (ThirdParty.Find(context.Account(), model) is { } party)
            await door.ThirdPartyAsync(context, party, operation, body);
        else
            await RestErrors.WriteAsync(context.Response, RestErrors.ModelNotFound(model));
    }

    /// <summary>Null when the answer is written: the body is too large.</summary>
    private static async Task<RequestBody?> ReadAsync(HttpContext context)
    {
        // More than the rest of the API takes. The reader stops at its limit by itself: the server would, in its own words, too.
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        if (await RequestBody.ReadAsync(context.Request, context.RequestAborted) is { } body)
            return body;
        await RestErrors.WriteAsync(context.Response, AiFailure.TooLarge);
        return null;
    }

    private static JsonElement? Parsed(RequestBody body)
    {
        if (!body.IsObject)
            return null;
        using var document = JsonDocument.Parse(body.Bytes);
        return document.RootElement.Clone();
    }

    private static string Escaped(string model) => new PathString("/" + model).ToUriComponent()[1..];
}
