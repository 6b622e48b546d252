namespace GatewayOps.Emulator.Management;

/// <summary>Endpoint metadata: the shape of the body.</summary>
/// <param name="Required">False where no body means something too.</param>
public sealed record TakenBody(Shape Shape, bool Required);

/// <summary>Endpoint metadata: a parameter of the query.</summary>
/// <param name="Repeats">It may come more than once.</param>
public sealed record AskedParameter(string Name, Shape Shape, bool Required = false, bool Repeats = false)
{
    public static AskedParameter Text(string name) => new(name, Shapes.Text());

    public static AskedParameter Flag(string name) => new(name, Shapes.Flag);

    public static AskedParameter Choice(string name, params string[] values) => new(name, Shapes.OneOf(values));

    /// <summary>`page` and `per_page`, where <see cref="PageRequest"/> reads them with these bounds.</summary>
    public static AskedParameter[] Pages(int least, int most) => [new("page", Shapes.Integer(1)), new("per_page", Shapes.Integer(least, most))];
}

/// <summary>
/// What an endpoint says of itself beside what it requires: its summary (ASP.NET's `WithSummary`), its body and its query. The emulator's OpenAPI page is made of
/// it; a test finds an endpoint under `/client/v4` without a summary, and compares the others with Cloudflare's document.
/// </summary>
public static class Descriptions
{
    public static TBuilder Takes<TBuilder>(this TBuilder endpoints, Shape body, bool required = true) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new TakenBody(body, required));

    public static TBuilder Asks<TBuilder>(this TBuilder endpoints, params AskedParameter[] parameters) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata([.. parameters]);

    /// <summary>A service, for a shape that depends on the options.</summary>
    public static T Of<T>(this IEndpointRouteBuilder endpoints) where T : notnull => endpoints.ServiceProvider.GetRequiredService<T>();
}
