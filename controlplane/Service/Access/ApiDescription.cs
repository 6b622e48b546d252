using GatewayOps.ControlPlane.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace GatewayOps.ControlPlane.Access;

/// <summary>What /openapi/v1.json says of the operator API besides what the endpoints' types say: who may call, the headers that they read, and how they refuse.</summary>
public static class ApiDescription
{
    private const string Scheme = "operator";
    private const string Problem = "Problem";

    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer(DescribeAsync);
        options.AddOperationTransformer(DescribeAsync);
    });

    private static Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new() { Title = "GatewayOps", Version = "v1", Description = "The operator API of GatewayOps. Errors are application/problem+json (RFC 9457)." };
        // By itself it would be whatever host the request names.
        document.Servers = [new() { Url = "/" }];
        document.Components ??= new();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "gwo_...",
            Description = "An operator token. The scope that an operation needs is in its requirement; each includes the ones before it: read, apply, admin.",
        };
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas[Problem] = ProblemSchema();
        return Task.CompletedTask;
    }

    private static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (new EndpointMetadataCollection(metadata).NeededScope() is not { } scope)
        {
            return Task.CompletedTask;
        }

        operation.Security = [new() { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [scope.ToString().ToLowerInvariant()] }];
        if (metadata.Any(item => item is Idempotency.IdempotentMark))
        {
            Header(operation, Idempotency.KeyHeader, required: false, "1 to 255 visible ASCII characters. A repetition with the same key is answered as the first was, for 24 hours.");
        }

        foreach (var mark in metadata.OfType<PreconditionMark>())
        {
            Header(operation, "If-Match", mark.IsRequired, "The ETag of your last GET; 412 when it is no longer that." + (mark.IsRequired ? " 428 without; * is any." : ""));
        }

        operation.Responses ??= [];
        foreach (var (status, description) in new[] { ("4XX", "Refused: `type` and `detail` say what, why and the fix."), ("5XX", "Failed: try again, or look into the log under `requestId`.") })
        {
            operation.Responses.TryAdd(status, new OpenApiResponse
            {
                Description = description,
                Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(Problem, context.Document) } },
            });
        }

        return Task.CompletedTask;
    }

    private static void Header(OpenApiOperation operation, string name, bool required, string description) => (operation.Parameters ??= []).Add(new OpenApiParameter
    {
        Name = name,
        In = ParameterLocation.Header,
        Required = required,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    });

    private static OpenApiSchema ProblemSchema()
    {
        static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };
        return new()
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string> { "type", "title", "status", "detail", "instance", "errors", "traceId", "requestId" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = Text("urn:gatewayops:problem:{code}; stable."),
                ["title"] = Text("The kind of problem."),
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                ["detail"] = Text("What, why and the next step."),
                ["instance"] = Text("The path."),
                ["errors"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Items = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Properties = new Dictionary<string, IOpenApiSchema>
                        {
                            ["code"] = Text("The kind of fault."),
                            ["pointer"] = Text("Where in the body (RFC 6901)."),
                            ["message"] = Text("What to do."),
                        },
                    },
                },
                ["traceId"] = Text("The request's trace."),
                ["requestId"] = Text("The request's id, as in x-request-id, logs and audit rows."),
            },
        };
    }
}
