using System.Reflection;
using Microsoft.Extensions.AI;

namespace GatewayOps.Client;

/// <summary>
/// Functions that a model may call, from delegates and methods: name and schema come from the signature, descriptions from <see cref="System.ComponentModel.DescriptionAttribute"/> on the method and its
/// parameters, and a parameter with a default value is optional. A parameter of type <see cref="CancellationToken"/> is the call's own. Source: checklist S3-14 and S3-16.
/// </summary>
public static class GatewayTool
{
    /// <summary>A function whose result goes back to the model. Throws an <see cref="ArgumentException"/> where the signature has no schema.</summary>
    /// <param name="function">What is run; several calls of one turn run in parallel.</param>
    /// <param name="name">1 to 64 of a-z A-Z 0-9 _ -; null is the method's name. A lambda needs one.</param>
    /// <param name="description">When to use it; null is the method's description.</param>
    public static AIFunction Function(Delegate function, string? name = null, string? description = null) => AIFunctionFactory.Create(function, name, description);

    /// <summary>Every public method of an object that has a <see cref="System.ComponentModel.DescriptionAttribute"/>, as functions. Throws as <see cref="Function"/>.</summary>
    /// <param name="target">The object; its methods are called on it.</param>
    public static IReadOnlyList<AIFunction> FunctionsOf(object target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return [.. target.GetType().GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(method => method.GetCustomAttribute<System.ComponentModel.DescriptionAttribute>() is not null)
            .Select(method => AIFunctionFactory.Create(method, target, new AIFunctionFactoryOptions()))];
    }

    /// <summary>
    /// A background task: the model learns that it was taken on, and nothing of how it ends. It goes on after the answer; its failure is an event and a log line, and changes no answer.
    /// Its <see cref="CancellationToken"/> is the client's end, not the call's. Throws as <see cref="Function"/>.
    /// </summary>
    /// <param name="task">What is run.</param>
    /// <param name="name">As of <see cref="Function"/>.</param>
    /// <param name="description">As of <see cref="Function"/>.</param>
    public static AIFunction Background(Delegate task, string? name = null, string? description = null) => Background(AIFunctionFactory.Create(task, name, description));

    /// <summary>The same of a function that is there.</summary>
    /// <param name="function">What is run.</param>
    public static AIFunction Background(AIFunction function) => new BackgroundFunction(function);
}

internal sealed class BackgroundFunction(AIFunction inner) : DelegatingAIFunction(inner)
{
    public override string Description => base.Description.Length == 0 ? "Background task: it runs by itself and returns nothing." : $"Background task: it runs by itself and returns nothing. {base.Description}";
}
