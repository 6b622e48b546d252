using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.WorkersAi;

/// <summary>A model, a task or an author of the catalogue. `Fields` is the whole object as received: the contract names no more of it.</summary>
public sealed record CatalogueEntry(string Name, string? Description, JsonObject Fields)
{
    internal static CatalogueEntry Read(JsonElement element) => new(element.Text("name") ?? element.Text("id") ?? "", element.Text("description"), element.Fields());
}

/// <summary>Which models; null does not narrow. A task is as `Text Generation`, an author as `meta`.</summary>
public sealed record ModelQuery
{
    public string? Task { get; init; }
    public string? Author { get; init; }
    public int? Source { get; init; }
    public string? Search { get; init; }
    public bool? HideExperimental { get; init; }

    /// <summary>Those too that were deprecated within three months.</summary>
    public bool? IncludeDeprecated { get; init; }

    internal Call AddTo(Call call) => call.And("task", Task).And("author", Author).And("source", Source).And("search", Search)
        .And("hide_experimental", HideExperimental).And("include_deprecated", IncludeDeprecated);
}

/// <summary>JSON Schemas of what a model takes and gives.</summary>
public sealed record ModelSchema(JsonObject Input, JsonObject Output);

/// <summary>`…/ai/models`, `…/ai/tasks`, `…/ai/authors`. Source: Cloudflare contract, section 16.</summary>
public sealed class ModelCatalogueClient
{
    private const int PerPage = 50;
    private readonly Transport _transport;

    internal ModelCatalogueClient(Transport transport) => _transport = transport;

    public IAsyncEnumerable<CatalogueEntry> ListAsync(ModelQuery query, CancellationToken cancellationToken) =>
        _transport.ListAsync(query.AddTo(_transport.To(Endpoints.WorkersAi.Models)), PerPage, CatalogueEntry.Read, cancellationToken);

    /// <summary>The same in the shape of OpenRouter's list, where `data` is an array.</summary>
    public Task<JsonElement> OpenRouterAsync(ModelQuery query, CancellationToken cancellationToken) =>
        _transport.SendAsync(query.AddTo(_transport.To(Endpoints.WorkersAi.Models)).And("format", "openrouter"), Form.Json, root => root, cancellationToken);

    /// <summary>Null when there is no such model.</summary>
    public Task<ModelSchema?> FindSchemaAsync(string model, CancellationToken cancellationToken) =>
        _transport.FindAsync(_transport.To(Endpoints.WorkersAi.Schema).And("model", model), result => new ModelSchema(result.Member("input").Fields(), result.Member("output").Fields()), cancellationToken);

    public IAsyncEnumerable<CatalogueEntry> ListTasksAsync(CancellationToken cancellationToken) =>
        _transport.ListWholeAsync(_transport.To(Endpoints.WorkersAi.Tasks), root => root.Member("result"), CatalogueEntry.Read, cancellationToken);

    public IAsyncEnumerable<CatalogueEntry> ListAuthorsAsync(CancellationToken cancellationToken) =>
        _transport.ListWholeAsync(_transport.To(Endpoints.WorkersAi.Authors), root => root.Member("result"), CatalogueEntry.Read, cancellationToken);
}
