using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GatewayOps.Emulator.Admin;

namespace GatewayOps.Emulator.About;

/// <summary>What the emulator tells of itself: `/` for people, `/_emulator/openapi.json` for programs.</summary>
public static class AboutFeature
{
    private static readonly JsonSerializerOptions Writing = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Map it last or first: it looks at all endpoints when it is asked.</summary>
    public static void MapAbout(this IEndpointRouteBuilder app)
    {
        app.MapGet("/", (HttpContext context, EndpointDataSource endpoints, EmulatorOptions options) =>
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
            return Results.Text(StartPage.Of(Operation.Of(endpoints.Endpoints), options.AccountId, $"{context.Request.Scheme}://{context.Request.Host}"), "text/html", Encoding.UTF8);
        }).WithSummary("This emulator, for people");
        app.MapAdminGroup().MapGet("/openapi.json", (EndpointDataSource endpoints, EmulatorOptions options) =>
            Results.Text(OpenApiPage.Of(Operation.Of(endpoints.Endpoints), options.AccountId).ToJsonString(Writing), "application/json", Encoding.UTF8)).WithSummary("This emulator, for programs");
    }
}
