namespace GatewayOps.Tests.Emulator;

/// <summary>Stops the emulator as soon as it has said where it listens.</summary>
internal sealed class StoppingWriter(CancellationTokenSource stop) : StringWriter
{
    public override async Task WriteLineAsync(string? value)
    {
        await base.WriteLineAsync(value);
        await stop.CancelAsync();
    }
}
