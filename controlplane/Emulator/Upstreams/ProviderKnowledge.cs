using GatewayOps.Emulator.Upstreams.Responses;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>What one simulated provider knows and remembers: its models, and what requests asked it to keep.</summary>
public sealed class ProviderKnowledge(string slug, EmulatorOptions options, TimeProvider time)
{
    /// <summary>A model of this prefix exists at no provider: the way to ask for a 404.</summary>
    public const string UnknownModelPrefix = "unknown-";

    private readonly IReadOnlyList<string>? _models = options.UpstreamModels.GetValueOrDefault(slug);

    public TimeProvider Time => time;

    public PromptCache Prompts { get; } = new(time);

    public StoredResponses Responses { get; } = new();

    /// <summary>The models that lists name: those of the options, else the best known ones of the provider.</summary>
    public IReadOnlyList<string> Models => _models ?? KnownModels.Of(slug);

    /// <exception cref="RefusedException">The provider has no such model. Without a list in the options it has every other one.</exception>
    public void RequireModel(string model)
    {
        var known = _models is null
            ? !model.AsSpan(model.LastIndexOf('/') + 1).StartsWith(UnknownModelPrefix, StringComparison.Ordinal)
            : _models.Contains(model);
        if (!known)
            throw new RefusedException(new Refusal(RefusalKind.ModelUnknown, model, "model", "model_not_found"));
    }

    /// <summary>Tokens of the prompt that the model takes.</summary>
    public int WindowOf(string model) => options.ContextWindows.TryGetValue(model, out var window) ? window : KnownModels.WindowOf(model);

    public void Forget()
    {
        Prompts.Forget();
        Responses.Forget();
    }
}
