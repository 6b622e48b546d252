using System.Text;
using GatewayOps.ControlPlane.Access;
using GatewayOps.Rules;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace GatewayOps.ControlPlane.Content;

/// <summary>The JSON schema of rule sets, for editors: without a token, because they have none.</summary>
public static class SchemaEndpoint
{
    private static readonly byte[] Schema = Encoding.UTF8.GetBytes(RuleSetSchema.Text);

    // By content: a new version of the service has a new tag, and only then.
    private static readonly EntityTagHeaderValue Tag = new($"\"{TextHash.Of(Schema)[..32]}\"");

    public static IEndpointRouteBuilder MapSchema(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(RuleSetSchema.Path, Handle).Produces<System.Text.Json.Nodes.JsonObject>(StatusCodes.Status200OK, RuleSetSchema.MediaType).AllowAnonymous().WithTags("Content").WithSummary("The JSON schema (draft 2020-12) of rule sets.");
        return endpoints;
    }

    // An hour for editors and proxies; after that a 304 costs nothing. Any page may read it: it is the same for everybody.
    private static FileContentHttpResult Handle(HttpResponse response)
    {
        response.Headers.CacheControl = "public, max-age=3600";
        response.Headers.AccessControlAllowOrigin = "*";
        return TypedResults.File(Schema, RuleSetSchema.MediaType, entityTag: Tag);
    }
}
