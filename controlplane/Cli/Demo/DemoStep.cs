namespace GatewayOps.Cli.Demo;

/// <summary>
/// One step of the demo. `Run` does it and returns the figures it read back through a public endpoint; it throws <see cref="DemoException"/>
/// when what it sees is not what the product promises. `Sabotage` breaks the world before the step, to prove that the step can fail.
/// </summary>
public sealed record DemoStep(
    string Name,
    string What,
    Func<DemoWorld, CancellationToken, Task<IReadOnlyList<Figure>>> Run,
    Func<DemoWorld, CancellationToken, Task> Sabotage);

/// <summary>One line of the closing table; `Source` is the public endpoint that the figure was read from.</summary>
public sealed record Figure(string Name, string Value, string Source);

/// <summary>A promise that did not hold.</summary>
public sealed class DemoException(string message) : Exception(message)
{
    public static void Unless(bool holds, string message)
    {
        if (!holds)
        {
            throw new DemoException(message);
        }
    }
}
